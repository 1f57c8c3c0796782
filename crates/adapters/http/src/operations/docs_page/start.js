"use strict";

// The name under which the tab keeps the token. It is gone with the tab, and no other one sees it.
const TOKEN = "users-api-token";

// A browser sends no GET with a body, so what stands in the form's body is left out.
function prepared(request) {
  const authorization = request.headers?.Authorization;
  if (authorization?.startsWith("Bearer ")) {
    sessionStorage.setItem(TOKEN, authorization.slice("Bearer ".length));
  }
  // The document itself is fetched without a method.
  if (["GET", "HEAD"].includes(request.method?.toUpperCase())) {
    delete request.body;
  }
  return request;
}

// The dialog asks for each scheme. The first takes the token as it is printed, so that is where one begins to type.
new MutationObserver(() => {
  const dialog = document.querySelector(".modal-ux");
  if (dialog && !dialog.dataset.seen) {
    dialog.dataset.seen = "yes";
    setTimeout(() => dialog.querySelector("input")?.focus(), 0);
  }
}).observe(document.documentElement, { childList: true, subtree: true });

// Every operation has a dozen errors with the same headers. They are told once, on a page of their own.
const errorsOnTheirPage = () => ({
  wrapComponents: {
    responses: (Responses, { React }) => (props) => {
      const isError = (_, status) => /^[45]/.test(status);
      const statuses = [...props.responses.filter(isError).keys()].join(", ");
      return React.createElement(
        "div",
        null,
        React.createElement(Responses, { ...props, responses: props.responses.filterNot(isError) }),
        React.createElement(
          "p",
          { className: "errors" },
          `Errors: ${statuses}. `,
          React.createElement("a", { href: "docs/errors" }, "What each means, and what to do"),
        ),
      );
    },
  },
});

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  plugins: [errorsOnTheirPage],
  requestInterceptor: prepared,
  tryItOutEnabled: true,
  // Nobody else is asked whether the document is valid.
  validatorUrl: null,
  onComplete() {
    const token = sessionStorage.getItem(TOKEN);
    if (token) {
      window.ui.preauthorizeApiKey("bearer", token);
    }
  },
});
