use tokio::sync::oneshot;

/// Something to be done for somebody who may have gone meanwhile.
pub trait Job: Send + 'static {
    /// Whether nobody waits for the answer any more; then the job need not be begun.
    fn is_abandoned(&self) -> bool;
}

/// The way back to the one who waits for an answer.
#[derive(Debug)]
pub struct Answer<A>(oneshot::Sender<A>);

impl<A> Answer<A> {
    pub(crate) fn channel() -> (Self, oneshot::Receiver<A>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Whether the one who waited has gone.
    pub fn is_abandoned(&self) -> bool {
        self.0.is_closed()
    }

    /// Answers. Nobody may be waiting any more; that is no fault.
    pub fn give(self, answer: A) {
        let _ = self.0.send(answer);
    }
}
