//! The description of the interface (OpenAPI 3.1), made of the same list as its routes.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use lianxin_shared::case::figures::Part;
use serde_json::{Map, Value, json};

use super::{
    super::figures::COUNTED,
    endpoints::{ENDPOINTS, Endpoint, Parameter},
    problem::ApiProblem,
};

pub(super) const PATH: &str = "/api/v1/openapi.json";

/// For everybody: it says nothing of any record.
pub(super) async fn description() -> Response {
    let paths: Map<String, Value> =
        ENDPOINTS.iter().map(|one| (one.path.to_owned(), json!({ "get": get(one) }))).collect();
    let description = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "连心 Lianxin",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the staff console shows, as JSON. A token sees what its owner may read, as far as its \
                 scopes go; it is made, listed and ended in the console. Nothing can be written here.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    });
    Json(description).into_response()
}

fn get(endpoint: &Endpoint) -> Value {
    let answer = |description: &str, schema: &str, mime: &str| json!({ "description": description, "content": { mime: { "schema": reference(schema) } } });
    json!({
        "summary": endpoint.summary,
        "security": [{ "token": [] }],
        "x-scope": endpoint.scope.key(),
        "parameters": endpoint.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": {
            "200": answer("The answer.", endpoint.answer, "application/json"),
            "default": answer("Why there is none.", "Problem", "application/problem+json"),
        },
    })
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": if parameter.in_path { "path" } else { "query" },
        "required": parameter.in_path,
        "description": parameter.about,
        "schema": { "type": "string" },
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer" });
    let perhaps = |kind: &str| json!({ "type": [kind, "null"] });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let named =
        || json!({ "type": ["object", "null"], "properties": { "id": perhaps("string"), "name": perhaps("string") } });
    let unit = || json!({ "type": ["object", "null"], "properties": { "code": text(), "name": text() } });
    let any = || json!({ "type": "object" });
    let parts = || {
        let keys = std::iter::once(COUNTED).chain(Part::ALL.iter().map(|part| part.key()));
        object(Value::Object(keys.map(|key| (key.to_owned(), number())).collect()))
    };
    json!({
        "Page": object(json!({ "items": list(reference("Row")), "next": perhaps("string") })),
        "Row": object(json!({
            "id": text(), "kind": text(), "title": text(), "date": text(), "station": named(), "place": named(),
            "people": list(named()), "code": text(), "status": text(), "tags": list(text()), "number": number(),
            "conflicts": number(), "updated_ms": number(),
            "case": { "oneOf": [reference("Standing"), { "type": "null" }] },
        })),
        "Standing": object(json!({
            "state": text(), "events": number(), "number": perhaps("string"), "tier": perhaps("string"),
            "exit": perhaps("string"), "lead": unit(), "class": text(), "result": perhaps("string"),
            "due": perhaps("string"),
        })),
        "Record": object(json!({
            "id": text(), "kind": text(), "unit": text(), "created_ms": number(), "updated_ms": number(),
            "fields": any(), "conflicts": list(text()),
        })),
        "Case": object(json!({ "id": text(), "standing": reference("Standing"), "events": list(reference("Event")) })),
        "Event": object(json!({ "seq": number(), "received_ms": number(), "by": any(), "act": any() })),
        "Figures": object(json!({
            "year": number(), "session": text(), "records": any(),
            "suggestions": { "type": ["object", "null"], "properties": { "session": parts(), "year": parts() } },
        })),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code"],
            "properties": {
                "type": text(), "title": text(), "status": number(), "detail": text(),
                "code": { "type": "string", "enum": ApiProblem::CODES },
            },
        },
    })
}
