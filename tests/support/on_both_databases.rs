/// Makes of each function, which takes a [`Database`](crate::Database), the tests `sqlite::…` and `postgres::…`.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::Database::Sqlite); })+
        }
        mod postgres {
            $(#[test] fn $test() { super::$test($crate::Database::Postgres); })+
        }
    };
}
