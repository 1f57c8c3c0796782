/// What the text of an update depends on.
#[derive(Default)]
pub(crate) struct UpdateShape {
    /// The names of the touched columns, in the order in which their bits stand in `touched`.
    pub(crate) columns: Vec<&'static str>,
    /// How many of the columns, from the first on, are members. The others are keys, which follow from them: whether an
    /// update changes anything is seen by the members alone.
    pub(crate) members: usize,
    /// For each row, the bits of the columns that it touches; `None` where every row touches all of them.
    pub(crate) touched: Option<Vec<i64>>,
    /// Whether a row asks for a version.
    pub(crate) guarded: bool,
    /// Whether a row goes on by a given number of versions.
    pub(crate) stepped: bool,
}

impl UpdateShape {
    /// `i.touched & 4 <> 0`, or nothing where every row touches every column.
    fn touches(&self, bit: usize) -> Option<String> {
        self.touched.is_some().then(|| format!("i.touched & {} <> 0", 1_i64 << bit))
    }

    /// The text before the values.
    pub(crate) fn assignments(&self) -> String {
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
        sql.push_str(" FROM unnest(");
        sql
    }

    /// The text behind the values.
    pub(crate) fn names_and_conditions(&self) -> String {
        let mut sql = String::from(") AS i (id, now");
        let optional =
            [("versions", self.guarded), ("steps", self.stepped), ("touched", self.touched.is_some())];
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
