use std::collections::HashMap;
use std::sync::Arc;

/// What the text of an update depends on, and nothing else does.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct UpdateShape {
    /// The names of the touched columns, in the order in which their bits stand in `touched`.
    pub(crate) columns: Vec<&'static str>,
    /// How many of the columns, from the first on, are members. The others are keys, which follow from them: whether an
    /// update changes anything is seen by the members alone.
    pub(crate) members: usize,
    /// Whether each row says which columns it touches; otherwise every row touches all of them.
    pub(crate) touched: bool,
    /// Whether a row asks for a version.
    pub(crate) guarded: bool,
    /// Whether a row goes on by a given number of versions.
    pub(crate) stepped: bool,
    pub(crate) source: Source,
}

/// Where the statement has its values from.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// Arrays, made a table with a row for each update.
    #[default]
    Arrays,
    /// The values of the one update that there is.
    Alone,
}

/// The text of an update, before and behind its values.
pub(crate) struct UpdateText {
    pub(crate) before: String,
    pub(crate) behind: String,
}

/// The texts of updates that are kept prepared on a connection.
#[derive(Default)]
pub(crate) struct UpdateTexts(HashMap<UpdateShape, Arc<UpdateText>>);

impl UpdateTexts {
    /// The most texts that are kept. There is one for each set of members that updates touch; a usual workload has a few, but
    /// a client could go through 131,072.
    const MAX: usize = 64;

    /// The text of updates of this shape, and whether it is to be prepared once and kept.
    pub(crate) fn of(&mut self, shape: &UpdateShape) -> (Arc<UpdateText>, bool) {
        if let Some(text) = self.0.get(shape) {
            return (Arc::clone(text), true);
        }
        let text = Arc::new(UpdateText { before: shape.assignments(), behind: shape.names_and_conditions() });
        let keep = self.0.len() < Self::MAX;
        if keep {
            self.0.insert(shape.clone(), Arc::clone(&text));
        }
        (text, keep)
    }
}

impl UpdateShape {
    /// `i.touched & 4 <> 0`, or nothing where every row touches every column.
    fn touches(&self, bit: usize) -> Option<String> {
        self.touched.then(|| format!("i.touched & {} <> 0", 1_i64 << bit))
    }

    /// The text before the values.
    fn assignments(&self) -> String {
        let mut sql = String::from("UPDATE users SET version = users.version + ");
        sql.push_str(if self.stepped { "coalesce(i.steps, 1)" } else { "1" });
        sql.push_str(", modified_at = greatest(users.modified_at, i.now)");
        for (bit, column) in self.columns.iter().enumerate() {
            let value = match self.touches(bit) {
                Some(touches) => format!("CASE WHEN {touches} THEN i.{column} ELSE users.{column} END"),
                None => format!("i.{column}"),
            };
            sql.extend([", ", *column, " = ", value.as_str()]);
        }
        // The planner takes a single row of values for constants, and spares the executor a table of one row.
        sql.push_str(match self.source {
            Source::Arrays => " FROM unnest(",
            Source::Alone => " FROM (VALUES (",
        });
        sql
    }

    /// The text behind the values.
    fn names_and_conditions(&self) -> String {
        let mut sql = String::from(match self.source {
            Source::Arrays => ")",
            Source::Alone => "))",
        });
        sql.push_str(" AS i (id, now");
        let optional = [("versions", self.guarded), ("steps", self.stepped), ("touched", self.touched)];
        let optional = optional.into_iter().filter(|(_, present)| *present).map(|(name, _)| name);
        for name in optional.chain(self.columns.iter().copied()) {
            sql.push_str(", ");
            sql.push_str(name);
        }
        sql.push_str(") WHERE users.id = i.id");
        if self.guarded {
            sql.push_str(" AND (i.versions IS NULL OR users.version = ANY (i.versions::bigint[]))");
        }
        let changes =
            self.columns.iter().take(self.members).enumerate().map(|(bit, column)| match self.touches(bit) {
                Some(touches) => format!("({touches} AND users.{column} IS DISTINCT FROM i.{column})"),
                None => format!("users.{column} IS DISTINCT FROM i.{column}"),
            });
        let stepped = self.stepped.then(|| "i.steps IS NOT NULL".to_owned());
        let changes: Vec<_> = stepped.into_iter().chain(changes).collect();
        format!("{sql} AND ({}) RETURNING ", changes.join(" OR "))
    }
}

#[cfg(test)]
mod tests {
    use super::{UpdateShape, UpdateTexts};

    #[test]
    fn no_more_than_some_texts_are_kept() {
        let mut texts = UpdateTexts::default();
        let shape =
            |members| UpdateShape { columns: vec!["bio"; members], members, ..UpdateShape::default() };
        let kept = (0..2 * UpdateTexts::MAX).filter(|members| texts.of(&shape(*members)).1).count();
        assert_eq!(kept, UpdateTexts::MAX);
        let (text, keep) = texts.of(&shape(1));
        assert!(keep);
        assert!(text.before.contains("bio = i.bio"), "{}", text.before);
    }
}
