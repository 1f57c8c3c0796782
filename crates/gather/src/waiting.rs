use tokio::sync::oneshot;

/// A request, and the one who waits for its answer.
#[derive(Debug)]
pub struct Waiting<Q, A> {
    request: Q,
    answer: Answer<A>,
}

/// The way back to the one who waits.
#[derive(Debug)]
pub struct Answer<A>(oneshot::Sender<A>);

impl<Q, A> Waiting<Q, A> {
    pub(crate) fn new(request: Q) -> (Self, oneshot::Receiver<A>) {
        let (sender, receiver) = oneshot::channel();
        (
            Self {
                request,
                answer: Answer(sender),
            },
            receiver,
        )
    }

    /// Whether the one who waited has gone; then the request need not be served.
    pub fn is_abandoned(&self) -> bool {
        self.answer.0.is_closed()
    }

    /// The request.
    pub const fn request(&self) -> &Q {
        &self.request
    }

    /// The request, and the way back.
    pub fn into_parts(self) -> (Q, Answer<A>) {
        (self.request, self.answer)
    }
}

impl<A> Answer<A> {
    /// Answers. Nobody may be waiting any more; that is no fault.
    pub fn give(self, answer: A) {
        let _ = self.0.send(answer);
    }
}
