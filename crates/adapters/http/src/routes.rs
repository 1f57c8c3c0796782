use actix_service::apply;
use actix_web::{HttpResponse, web};

use crate::endpoint::Endpoint;
use crate::middleware::Observe;
use crate::problem::Problem;
use crate::{MetricsPage, PublicUrl, Services, operations, users};

/// The route table: every path that the service answers, and by what.
///
/// A path that is not here is 404; a method that is not here is 405. Paths are exact: `/v1/users/` is none of them.
pub fn configure(
    app: &mut web::ServiceConfig,
    services: &Services,
    public_url: &PublicUrl,
    observe: &Observe,
) {
    let endpoints = [
        Endpoint::at("/v1/users").get(users::list_users).post(users::create_user),
        Endpoint::at("/v1/users/bulk")
            .post(users::create_users)
            .put(users::update_users)
            .delete(users::delete_users),
        Endpoint::at("/v1/users/count").get(users::count_users),
        Endpoint::at("/v1/users/search").get(users::search_users),
        Endpoint::at("/v1/users/{id}")
            .get(users::get_user)
            .put(users::update_user)
            .patch(users::patch_user)
            .delete(users::delete_user),
        Endpoint::at("/livez").get(operations::live).unlimited(),
        Endpoint::at("/readyz").get(operations::ready).unlimited(),
        Endpoint::at("/openapi.json").get(operations::openapi),
        Endpoint::at("/").get(operations::root),
        Endpoint::at("/docs").get(operations::docs_page),
        Endpoint::at("/docs/").get(operations::docs_page_with_slash),
        Endpoint::at("/docs/errors").get(operations::error_page),
        Endpoint::at("/docs/{asset}").get(operations::docs_asset),
    ];
    app.app_data(web::Data::new(services.clone()));
    app.app_data(web::Data::new(public_url.clone()));
    for endpoint in endpoints {
        endpoint.register(app, observe);
    }
    app.default_service(apply(observe.clone(), web::to(no_such_path)));
}

/// The route table of the address that metrics are served on.
pub fn configure_metrics(app: &mut web::ServiceConfig, page: &MetricsPage, observe: &Observe) {
    app.app_data(web::Data::new(page.clone()));
    Endpoint::at("/metrics").get(operations::metrics).register(app, observe);
    app.default_service(apply(observe.clone(), web::to(no_such_path)));
}

async fn no_such_path() -> Result<HttpResponse, Problem> {
    Err(Problem::no_such_path())
}
