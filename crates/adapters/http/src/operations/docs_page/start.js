"use strict";

// A browser sends no GET with a body, so what stands in the form's body is left out.
function withoutBodyOfGet(request) {
  // The document itself is fetched without a method.
  if (["GET", "HEAD"].includes(request.method?.toUpperCase())) {
    delete request.body;
  }
  return request;
}

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  requestInterceptor: withoutBodyOfGet,
  tryItOutEnabled: true,
  // Nobody else is asked whether the document is valid.
  validatorUrl: null,
});
