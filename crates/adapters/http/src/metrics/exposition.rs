use std::fmt::{Display, Write as _};

/// Writes a page in the text format of Prometheus, version 0.0.4
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
///
/// Names, help texts and label values are the service's own words, in which nothing has to be escaped.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// What kind of figure a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Numbers of things by their size.
    Histogram,
}

/// A label: its name and its value.
pub type Label<'a> = (&'a str, &'a str);

/// One metric of a page, to which its samples are added.
#[derive(Debug)]
pub struct Metric<'a> {
    page: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a metric. `help` says in a sentence what it is, without a full stop.
    pub fn metric(&mut self, name: &'static str, kind: Kind, help: &str) -> Metric<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        write(&mut self.0, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        Metric { page: &mut self.0, name }
    }

    /// The finished page.
    pub fn finish(self) -> String {
        self.0
    }
}

impl Metric<'_> {
    /// Adds a sample.
    pub fn sample(&mut self, labels: &[Label<'_>], value: impl Display) -> &mut Self {
        self.line("", labels, None, value);
        self
    }

    /// Adds a histogram: how many there were up to each bound and beyond the one before, in the order of the bounds,
    /// how many beyond all bounds, and the sum of all sizes.
    pub fn histogram<B: Display>(
        &mut self,
        labels: &[Label<'_>],
        buckets: impl Iterator<Item = (B, u64)>,
        beyond: u64,
        sum: impl Display,
    ) {
        // On the page a bucket counts what the smaller ones count, too.
        let mut count = 0;
        for (bound, more) in buckets {
            count += more;
            self.line("_bucket", labels, Some(&bound), count);
        }
        count += beyond;
        self.line("_bucket", labels, Some(&"+Inf"), count);
        self.line("_sum", labels, None, sum);
        self.line("_count", labels, None, count);
    }

    fn line(&mut self, suffix: &str, labels: &[Label<'_>], bound: Option<&dyn Display>, value: impl Display) {
        write(self.page, format_args!("{}{suffix}", self.name));
        let mut separator = '{';
        for (name, text) in labels {
            write(self.page, format_args!("{separator}{name}=\"{text}\""));
            separator = ',';
        }
        if let Some(bound) = bound {
            write(self.page, format_args!("{separator}le=\"{bound}\""));
            separator = ',';
        }
        let end = if separator == ',' { "}" } else { "" };
        write(self.page, format_args!("{end} {value}\n"));
    }
}

fn write(page: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = page.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::{Exposition, Kind};

    #[test]
    fn samples_have_their_labels() {
        let mut page = Exposition::default();
        page.metric("tea_total", Kind::Counter, "Cups of tea")
            .sample(&[], 3)
            .sample(&[("kind", "black"), ("milk", "no")], 1.5);
        let expected = "# HELP tea_total Cups of tea\n# TYPE tea_total counter\n\
                        tea_total 3\ntea_total{kind=\"black\",milk=\"no\"} 1.5\n";
        assert_eq!(page.finish(), expected);
    }

    #[test]
    fn the_buckets_of_a_histogram_add_up() {
        let mut page = Exposition::default();
        let mut metric = page.metric("tea_seconds", Kind::Histogram, "How long tea took");
        metric.histogram(&[("kind", "black")], [(0.5, 2), (1.0, 3)].into_iter(), 1, 4.25);
        let expected = "# HELP tea_seconds How long tea took\n# TYPE tea_seconds histogram\n\
                        tea_seconds_bucket{kind=\"black\",le=\"0.5\"} 2\n\
                        tea_seconds_bucket{kind=\"black\",le=\"1\"} 5\n\
                        tea_seconds_bucket{kind=\"black\",le=\"+Inf\"} 6\n\
                        tea_seconds_sum{kind=\"black\"} 4.25\n\
                        tea_seconds_count{kind=\"black\"} 6\n";
        assert_eq!(page.finish(), expected);
    }
}
