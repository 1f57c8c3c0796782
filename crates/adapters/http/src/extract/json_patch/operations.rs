//! Reads the operations of a patch (RFC 6902, section 4).

use json_patch::jsonptr::PointerBuf;
use json_patch::{
    AddOperation, CopyOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation,
    TestOperation,
};
use serde_json::Value;
use serde_json::value::RawValue;
use users_domain::{Change, RuleCode};

use crate::extract::broken_rules::{MAX_ERRORS, broken_rules};
use crate::extract::json_object::{Members, duplicate_at, members, require_array};
use crate::extract::json_part::JsonPart;
use crate::extract::member_value::{self, half_a_character};
use crate::problem::{FieldError, Problem, pointer_to};

/// The most operations that a patch may have.
pub const MAX_OPERATIONS: usize = 1000;

/// Reads all operations, or tells everything that is wrong with them at once.
pub fn read(body: &[u8]) -> Result<Vec<PatchOperation>, Problem> {
    let body = JsonPart::body(body);
    require_array(body)?;
    let sent: Vec<&RawValue> = serde_json::from_slice(body.text).map_err(|error| body.malformed(&error))?;
    if sent.len() > MAX_OPERATIONS {
        let detail = format!("must have at most {MAX_OPERATIONS} operations");
        let error = FieldError { pointer: String::new(), code: RuleCode::TooLong.as_str(), detail };
        return Err(broken_rules("body", vec![error]));
    }
    let (mut operations, mut errors) = (Vec::with_capacity(sent.len()), Vec::new());
    for (place, operation) in sent.into_iter().enumerate() {
        let mut reader = Reader { body, place, members: Members::new(), errors: &mut errors };
        operations.extend(reader.read(operation)?);
    }
    if errors.is_empty() {
        return Ok(operations);
    }
    errors.truncate(MAX_ERRORS);
    Err(broken_rules("body", errors))
}

/// Reads one operation. What is wrong with its form is noted; what makes the body no JSON ends the reading.
struct Reader<'a, 'e> {
    body: JsonPart<'a>,
    place: usize,
    members: Members<'a>,
    errors: &'e mut Vec<FieldError>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, operation: &'a RawValue) -> Result<Option<PatchOperation>, Problem> {
        if !operation.get().starts_with('{') {
            self.fault("", RuleCode::InvalidType.as_str(), "must be an operation: a JSON object");
            return Ok(None);
        }
        self.members = members(self.body.inner(operation, "operation"))?;
        let Some(op) = self.text("op")? else { return Ok(None) };
        Ok(match op.as_str() {
            "add" => self.with_value(|path, value| PatchOperation::Add(AddOperation { path, value }))?,
            "replace" => {
                self.with_value(|path, value| PatchOperation::Replace(ReplaceOperation { path, value }))?
            }
            "test" => self.with_value(|path, value| PatchOperation::Test(TestOperation { path, value }))?,
            "remove" => self.pointer("path")?.map(|path| PatchOperation::Remove(RemoveOperation { path })),
            "move" => self.with_source(|from, path| PatchOperation::Move(MoveOperation { from, path }))?,
            "copy" => self.with_source(|from, path| PatchOperation::Copy(CopyOperation { from, path }))?,
            _ => {
                let detail = "must be add, remove, replace, move, copy or test";
                self.fault("op", RuleCode::InvalidFormat.as_str(), detail);
                None
            }
        })
    }

    fn with_value(
        &mut self,
        operation: impl FnOnce(PointerBuf, Value) -> PatchOperation,
    ) -> Result<Option<PatchOperation>, Problem> {
        let (path, value) = (self.pointer("path")?, self.value()?);
        Ok(path.zip(value).map(|(path, value)| operation(path, value)))
    }

    fn with_source(
        &mut self,
        operation: impl FnOnce(PointerBuf, PointerBuf) -> PatchOperation,
    ) -> Result<Option<PatchOperation>, Problem> {
        let (from, path) = (self.pointer("from")?, self.pointer("path")?);
        Ok(from.zip(path).map(|(from, path)| operation(from, path)))
    }

    fn pointer(&mut self, name: &str) -> Result<Option<PointerBuf>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let pointer = PointerBuf::parse(text).ok();
        if pointer.is_none() {
            self.fault(name, RuleCode::InvalidFormat.as_str(), "must be a JSON pointer (RFC 6901)");
        }
        Ok(pointer)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let Some(sent) = self.member(name)? else { return Ok(None) };
        match member_value::text(sent) {
            Ok(Change::Set(text)) => return Ok(Some(text)),
            Err(rule) if rule.code() != RuleCode::InvalidType => {
                self.fault(name, rule.code().as_str(), rule.detail());
            }
            Ok(_) | Err(_) => self.fault(name, RuleCode::InvalidType.as_str(), "must be a string"),
        }
        Ok(None)
    }

    fn value(&mut self) -> Result<Option<Value>, Problem> {
        let Some(sent) = self.member("value")? else { return Ok(None) };
        match serde_json::from_str(sent.get()) {
            Ok(value) => return Ok(Some(value)),
            // The grammar is right, so nothing else can be wrong with a string.
            Err(_) if sent.get().starts_with('"') => {
                let rule = half_a_character();
                self.fault("value", rule.code().as_str(), rule.detail());
            }
            Err(_) => {
                let detail = "must not nest values deeply, or have numbers that no float can hold, or half a surrogate pair";
                self.fault("value", RuleCode::OutOfRange.as_str(), detail);
            }
        }
        Ok(None)
    }

    /// The member with this name, which must be there once.
    fn member(&mut self, name: &str) -> Result<Option<&'a RawValue>, Problem> {
        let mut found = self.members.iter().filter(|(member, _)| member == name).map(|(_, value)| *value);
        let (member, second) = (found.next(), found.next());
        if second.is_some() {
            return Err(duplicate_at(format!("/{}{}", self.place, pointer_to(name))));
        }
        if member.is_none() {
            self.fault(name, "MISSING_MEMBER", "must be there");
        }
        Ok(member)
    }

    fn fault(&mut self, member: &str, code: &'static str, detail: &str) {
        let within = if member.is_empty() { String::new() } else { pointer_to(member) };
        let pointer = format!("/{}{within}", self.place);
        self.errors.push(FieldError { pointer, code, detail: detail.to_owned() });
    }
}
