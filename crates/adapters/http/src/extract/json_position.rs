use crate::problem::{ErrorCode, Problem};

/// A body that is no JSON, with the place where that shows; nothing of the body is repeated.
pub fn malformed(line: usize, column: usize) -> Problem {
    let detail = format!("The body is not valid JSON: look at line {line}, column {column}.");
    Problem::new(ErrorCode::MalformedJson, detail)
}

/// A body that is no JSON as the parser found it.
pub fn malformed_at(error: &serde_json::Error) -> Problem {
    malformed(error.line(), error.column())
}

/// Where `part`, a slice of `body`, begins: line and column, counted in bytes from one.
pub fn position_of(part: &str, body: &[u8]) -> (usize, usize) {
    let offset = part.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    let before = body.get(..offset).unwrap_or(body);
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::position_of;

    #[test]
    fn positions_count_from_one() {
        let body = "ab\ncd\nef";
        assert_eq!(position_of(&body[0..], body.as_bytes()), (1, 1));
        assert_eq!(position_of(&body[1..], body.as_bytes()), (1, 2));
        assert_eq!(position_of(&body[3..], body.as_bytes()), (2, 1));
        assert_eq!(position_of(&body[7..], body.as_bytes()), (3, 2));
    }
}
