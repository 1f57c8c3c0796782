use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Does all of the work, at most `most` pieces of it at once, begun in their order; gives what they come to in the order
/// in which they are done.
pub async fn at_once<F: Future>(most: usize, work: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting = work.into_iter();
    let (mut under_way, mut done): (Vec<Pin<Box<F>>>, _) = (Vec::new(), Vec::new());
    poll_fn(|context| {
        loop {
            let room = most - under_way.len();
            under_way.extend(waiting.by_ref().take(room).map(Box::pin));
            if under_way.is_empty() {
                return Poll::Ready(());
            }
            let before = done.len();
            // Each time all are asked: pieces that the repository carries out in one batch are done together anyway.
            under_way.retain_mut(|piece| match piece.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(output) => {
                    done.push(output);
                    false
                }
            });
            if done.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::at_once;

    #[tokio::test]
    async fn all_is_done_and_never_too_much_at_once() {
        let (under_way, most) = (Cell::new(0), Cell::new(0));
        let piece = async |number: u64| {
            under_way.set(under_way.get() + 1);
            most.set(most.get().max(under_way.get()));
            tokio::time::sleep(Duration::from_millis(number % 7)).await;
            under_way.set(under_way.get() - 1);
            number
        };
        let mut done = at_once(8, (0..100).map(piece)).await;
        assert_eq!(most.get(), 8);
        done.sort_unstable();
        assert_eq!(done, (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_needs_no_waiting_is_done_in_order() {
        assert_eq!(at_once(2, (0..5).map(async |number| number)).await, [0, 1, 2, 3, 4]);
        assert_eq!(at_once(2, (0..0).map(async |number: u8| number)).await, Vec::<u8>::new());
    }
}
