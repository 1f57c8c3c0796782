use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;

/// Lets callers take turns at something of which only so much can be done at a time.
///
/// A caller that comes while there is room goes on at once. Otherwise each caller has a queue of its own, and the callers are served
/// in turn: one that asks for very much waits behind itself, not in front of everybody else.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// How many more may be let in.
    room: usize,
    /// The callers that wait, each with its queue, in the order in which their turns come.
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to do it now; it is given on when it is dropped.
#[derive(Debug)]
pub struct Turn(Option<Turns>);

impl Turns {
    /// So many at a time, at least one.
    pub fn new(at_a_time: usize) -> Self {
        Self(Arc::new(Mutex::new(State { room: at_a_time.max(1), waiting: VecDeque::new() })))
    }

    /// Waits for a turn of the caller.
    pub async fn wait(&self, caller: &str) -> Turn {
        let queued = {
            let mut state = self.state();
            if state.room > 0 {
                state.room -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            match state.waiting.iter_mut().find(|(waiting, _)| waiting == caller) {
                Some((_, queue)) => queue.push_back(sender),
                None => state.waiting.push_back((caller.to_owned(), VecDeque::from([sender]))),
            }
            receiver
        };
        // The sender is used or dropped with the last of the turns, which this is a part of.
        queued.await.unwrap_or(Turn(None))
    }

    /// Gives a turn that is over to the next who waits.
    fn pass_on(&self) {
        let mut turn = Turn(Some(self.clone()));
        loop {
            let next = {
                let mut state = self.state();
                let Some((caller, mut queue)) = state.waiting.pop_front() else {
                    state.room += 1;
                    turn.0 = None;
                    return;
                };
                let next = queue.pop_front();
                if !queue.is_empty() {
                    state.waiting.push_back((caller, queue));
                }
                next
            };
            // One that has given up waiting gives its turn back.
            match next.map(|next| next.send(turn)) {
                None => turn = Turn(Some(self.clone())),
                Some(Ok(())) => return,
                Some(Err(unwanted)) => turn = unwanted,
            }
        }
    }

    /// Nothing that can panic is done under the lock, so what a poisoned one holds is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::task::{JoinHandle, yield_now};

    use super::Turns;

    type Order = Arc<Mutex<Vec<&'static str>>>;

    /// Has a caller wait, and note when its turn has come.
    fn queue(turns: &Turns, order: &Order, caller: &'static str) -> JoinHandle<()> {
        let (turns, order) = (turns.clone(), Arc::clone(order));
        tokio::spawn(async move {
            let _turn = turns.wait(caller).await;
            order.lock().unwrap().push(caller);
            yield_now().await;
        })
    }

    #[tokio::test]
    async fn there_is_no_waiting_while_there_is_room() {
        let turns = Turns::new(2);
        let first = turns.wait("a").await;
        let _second = turns.wait("a").await;
        drop(first);
        let _third = turns.wait("b").await;
    }

    #[tokio::test]
    async fn callers_are_served_in_turn_however_much_one_asks_for() {
        let (turns, order) = (Turns::new(1), Order::default());
        let held = turns.wait("x").await;
        let mut waiting = Vec::new();
        for caller in ["a", "a", "a", "a", "b", "c", "b"] {
            waiting.push(queue(&turns, &order, caller));
            yield_now().await;
        }
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["a", "b", "c", "a", "b", "a", "a"]);
    }

    #[tokio::test]
    async fn who_gives_up_waiting_costs_nobody_a_turn() {
        let (turns, order) = (Turns::new(1), Order::default());
        let held = turns.wait("x").await;
        let gone = queue(&turns, &order, "a");
        yield_now().await;
        let next = queue(&turns, &order, "b");
        yield_now().await;
        gone.abort();
        yield_now().await;
        drop(held);
        next.await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["b"]);
        // All of the room is there again.
        let _turn = turns.wait("c").await;
    }
}
