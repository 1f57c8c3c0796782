use clap::ValueEnum;
use opentelemetry::trace::SpanContext;
use rand::RngExt as _;

/// The samplers of the OpenTelemetry specification, by the names that `OTEL_TRACES_SAMPLER` has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Sampler {
    /// Every request.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// A share of the requests.
    #[value(name = "traceidratio")]
    TraceIdRatio,
    /// What the caller decides; every request without a caller's decision.
    #[value(name = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// What the caller decides; none without.
    #[value(name = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// What the caller decides; a share of those without.
    #[value(name = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

/// Which requests are traced.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// How that is decided.
    pub sampler: Sampler,
    /// The share, 0 to 1, where it is decided by one.
    pub ratio: f64,
}

impl Sampling {
    /// Whether a request is traced whose caller is at `parent` of a trace; it is not valid where there is none.
    pub fn samples(&self, parent: &SpanContext) -> bool {
        use Sampler::{
            AlwaysOff, AlwaysOn, ParentBasedAlwaysOff, ParentBasedAlwaysOn, ParentBasedTraceIdRatio,
            TraceIdRatio,
        };
        match self.sampler {
            ParentBasedAlwaysOn | ParentBasedAlwaysOff | ParentBasedTraceIdRatio if parent.is_valid() => {
                parent.is_sampled()
            }
            AlwaysOn | ParentBasedAlwaysOn => true,
            AlwaysOff | ParentBasedAlwaysOff => false,
            // By the id, so that all parts of a trace are told of or none (OpenTelemetry's TraceIdRatioBased).
            TraceIdRatio if parent.is_valid() => {
                let last = u128::from_be_bytes(parent.trace_id().to_bytes()) & u128::from(u64::MAX);
                self.is_below(u64::try_from(last).unwrap_or(u64::MAX))
            }
            TraceIdRatio | ParentBasedTraceIdRatio => self.is_below(rand::rng().random()),
        }
    }

    /// Whether a number that is as likely as any other is in the share.
    #[expect(clippy::cast_precision_loss, reason = "a share is not told to 63 bits")]
    fn is_below(&self, random: u64) -> bool {
        ((random >> 1) as f64) < self.ratio * (1_u64 << 63) as f64
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
    use rstest::rstest;

    use super::{Sampler, Sampling};

    fn parent(id: u128, sampled: bool) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(sampled);
        SpanContext::new(TraceId::from(id), SpanId::from(1), flags, true, TraceState::default())
    }

    #[rstest]
    #[case(Sampler::AlwaysOn, [true, true, true])]
    #[case(Sampler::AlwaysOff, [false, false, false])]
    #[case(Sampler::ParentBasedAlwaysOn, [true, true, false])]
    #[case(Sampler::ParentBasedAlwaysOff, [false, true, false])]
    fn the_caller_decides_where_it_is_asked(#[case] sampler: Sampler, #[case] expected: [bool; 3]) {
        let sampling = Sampling { sampler, ratio: 1.0 };
        let parents = [SpanContext::NONE, parent(1, true), parent(1, false)];
        assert_eq!(parents.map(|parent| sampling.samples(&parent)), expected);
    }

    #[test]
    fn a_share_is_about_as_large_as_it_is_to_be_and_the_same_for_a_trace() {
        let share = |sampler, ratio, parent: &SpanContext| {
            let sampling = Sampling { sampler, ratio };
            (0..10_000).filter(|_| sampling.samples(parent)).count()
        };
        for sampler in [Sampler::TraceIdRatio, Sampler::ParentBasedTraceIdRatio] {
            assert_eq!(share(sampler, 0.0, &SpanContext::NONE), 0);
            assert_eq!(share(sampler, 1.0, &SpanContext::NONE), 10_000);
            let quarter = share(sampler, 0.25, &SpanContext::NONE);
            assert!((2_000..3_000).contains(&quarter), "{quarter} of 10,000");
        }
        let (low, high) = (parent(u128::from(u64::MAX / 8), false), parent(u128::from(u64::MAX / 2), false));
        assert_eq!(share(Sampler::TraceIdRatio, 0.25, &low), 10_000);
        assert_eq!(share(Sampler::TraceIdRatio, 0.25, &high), 0);
    }
}
