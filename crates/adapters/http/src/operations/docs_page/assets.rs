use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use utoipa_swagger_ui::Config;

/// The page itself.
pub static PAGE: LazyLock<Asset> =
    LazyLock::new(|| own("text/html; charset=utf-8", include_str!("page.html")));

/// What the page loads: the files of Swagger UI that it needs, and how it is started.
static ASSETS: LazyLock<[(&str, Asset); 4]> = LazyLock::new(|| {
    [
        ("start.js", own(JAVASCRIPT, include_str!("start.js"))),
        ("swagger-ui-bundle.js", of_swagger_ui(JAVASCRIPT, "swagger-ui-bundle.js")),
        ("swagger-ui.css", of_swagger_ui("text/css; charset=utf-8", "swagger-ui.css")),
        ("favicon-32x32.png", of_swagger_ui("image/png", "favicon-32x32.png")),
    ]
});

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A file that does not change while the service runs.
pub struct Asset {
    /// What it is.
    pub media_type: &'static str,
    /// The file.
    pub content: Bytes,
    /// What tells it from any other: the entity tag without its quotation marks.
    pub tag: String,
}

/// The file with this name that the page loads; `None` where it loads none.
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|(known, _)| *known == name).map(|(_, asset)| asset)
}

fn own(media_type: &'static str, text: &'static str) -> Asset {
    file(media_type, Bytes::from_static(text.as_bytes()))
}

/// A file of Swagger UI; a test sees to it that each is there.
fn of_swagger_ui(media_type: &'static str, name: &str) -> Asset {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).ok().flatten();
    let content = match found.map(|file| file.bytes) {
        Some(Cow::Borrowed(bytes)) => Bytes::from_static(bytes),
        Some(Cow::Owned(bytes)) => bytes.into(),
        None => Bytes::new(),
    };
    file(media_type, content)
}

fn file(media_type: &'static str, content: Bytes) -> Asset {
    let tag = URL_SAFE_NO_PAD.encode(Sha256::digest(&content));
    Asset { media_type, content, tag }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ASSETS, PAGE, asset};

    #[test]
    fn every_file_is_there_and_has_a_tag_of_its_own() {
        assert!(ASSETS.iter().all(|(_, asset)| asset.content.len() > 500));
        let tags: HashSet<_> = ASSETS.iter().map(|(_, asset)| &asset.tag).chain([&PAGE.tag]).collect();
        assert_eq!(tags.len(), ASSETS.len() + 1);
    }

    #[test]
    fn the_page_loads_every_file_and_nothing_else() {
        let page = include_str!("page.html");
        let loaded: Vec<_> =
            page.split("\"docs/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(
            loaded,
            ["favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js", "start.js", "errors"]
        );
        assert!(loaded.iter().take(ASSETS.len()).all(|name| asset(name).is_some()));
        assert!(!page.contains("//"), "nothing comes from elsewhere");
    }
}
