use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route, web};

use crate::RateLimits;
use crate::extract::{ACCEPT_PATCH, PATCH_TYPES};
use crate::middleware::Observe;
use crate::problem::Problem;

/// One path and the methods it has.
///
/// GET brings HEAD with it, every path answers OPTIONS, and any other method is refused with what there is in `Allow`.
pub struct Endpoint {
    path: &'static str,
    routes: Vec<Route>,
    methods: Vec<Method>,
    limited: bool,
}

impl Endpoint {
    /// A path without any method yet; `{id}` and the like stand for one segment.
    pub const fn at(path: &'static str) -> Self {
        Self { path, routes: Vec::new(), methods: Vec::new(), limited: true }
    }

    /// Answers GET and HEAD by this handler; a HEAD is sent without the body.
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(guard::Any(guard::Get()).or(guard::Head()), [Method::GET, Method::HEAD], handler)
    }

    /// Answers POST by this handler.
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(guard::Post(), [Method::POST], handler)
    }

    /// Answers PUT by this handler.
    pub fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(guard::Put(), [Method::PUT], handler)
    }

    /// Answers PATCH by this handler, and names in OPTIONS what a patch may be written in.
    pub fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(guard::Patch(), [Method::PATCH], handler)
    }

    /// Answers DELETE by this handler.
    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(guard::Delete(), [Method::DELETE], handler)
    }

    fn route<F, Args>(
        mut self,
        guard: impl Guard + 'static,
        methods: impl Into<Vec<Method>>,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push(web::route().guard(guard).to(handler));
        self.methods.extend(methods.into());
        self
    }

    /// Answers however many requests there are.
    pub fn unlimited(self) -> Self {
        Self { limited: false, ..self }
    }

    /// Adds the path to the app, under the eyes of `observe`.
    pub fn register(self, app: &mut web::ServiceConfig, observe: &Observe) {
        let allow = self.allow();
        let options = (allow.clone(), self.methods.contains(&Method::PATCH));
        let limits = if self.limited { observe.limits.clone() } else { RateLimits::default() };
        let mut resource = web::resource(self.path);
        for route in self.routes {
            resource = resource.route(route);
        }
        let resource = resource
            .route(web::method(Method::OPTIONS).to(move || {
                let (allow, patches) = options.clone();
                async move { options_answer(allow, patches) }
            }))
            .default_service(web::to(move |request: HttpRequest| {
                let allow = allow.clone();
                async move { Err::<HttpResponse, _>(Problem::method_not_allowed(request.method(), allow)) }
            }))
            .wrap(Observe { route: self.path, limits, ..observe.clone() });
        app.service(resource);
    }

    fn allow(&self) -> HeaderValue {
        let mut names: Vec<_> = self.methods.iter().chain([&Method::OPTIONS]).map(Method::as_str).collect();
        names.sort_unstable();
        HeaderValue::try_from(names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

fn options_answer(allow: HeaderValue, patches: bool) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, allow));
    if patches {
        response.insert_header((ACCEPT_PATCH, HeaderValue::from_static(PATCH_TYPES)));
    }
    response.finish()
}
