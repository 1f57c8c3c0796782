/// Makes of each function, which takes a [`Database`](crate::Database), the tests `sqlite::…` and `postgres::…`, with the
/// attributes that stand before it.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] $(#[$attribute])* fn $test() { super::$test($crate::Database::Sqlite); })+
        }
        mod postgres {
            $(#[test] $(#[$attribute])* fn $test() { super::$test($crate::Database::Postgres); })+
        }
    };
}
