use futures_util::future::{BoxFuture, FutureExt, join_all};
use tokio::task::{JoinSet, unconstrained};

/// Makes all calls at once, each in a task of its own, and gives back their answers in the order of the calls.
pub async fn at_once<T: Send + 'static>(
    calls: impl IntoIterator<Item: Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for (place, call) in calls.into_iter().enumerate() {
        tasks.spawn(async move { (place, call.await) });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Hands the calls over one after the other, waits for none of them in between, and gives back their answers in that order.
pub async fn in_order<'a, T: 'a>(
    calls: impl IntoIterator<Item = impl Future<Output = T> + Send + 'a>,
) -> Vec<T> {
    let calls: Vec<BoxFuture<'a, T>> = calls.into_iter().map(FutureExt::boxed).collect();
    // Tokio makes a task that polled much wait for its turn, even between the first polls of two calls.
    unconstrained(join_all(calls)).await
}
