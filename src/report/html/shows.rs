//! What a step shows, then what the source document says about it, and who knows what by then.

use maud::{Markup, html};

use super::bytes::{hexadecimal, printable};
use super::keys::width;
use super::plan::Block;
use super::{Page, capital, class, counted};
use crate::report::line::thousands;
use crate::report::{
    Bar, Check, Claim, Figure, Item, Knowledge, KnowsNow, Line, Message, Outcome, Section, Show, Spoken,
    Step, Under, Verdict, Way,
};
use crate::wire::{Moment, Span};

/// Under one another: so many bytes.
const IN_A_ROW: usize = 16;

/// How many sides the longest bar of a comparison may have of the shortest, to be drawn as it is.
const DRAWABLE: f64 = 100.0;

impl<'a> Page<'a> {
    pub(super) fn section(&self, section: &'a Section) -> Markup {
        let number = self.report.closing.iter().position(|other| std::ptr::eq(other, section));
        html! {
            section.step {
                @if !section.title.is_empty() {
                    h2 { (section.title) " " small { (section.aside) } }
                }
                @for paragraph in section.prose.lines() { p { (paragraph) } }
                @for block in number.map(|number| &self.plan.closing[number]).into_iter().flatten() {
                    (self.block(block))
                }
            }
        }
    }

    pub(super) fn block(&self, block: &Block<'a>) -> Markup {
        match block {
            Block::Message { number, message, spoken, lines, more } => {
                self.message(*number, message, *spoken, lines, *more)
            }
            Block::Values { lines, made } => html! {
                article.values {
                    @if made.is_empty() { h3.sr { "Values" } } @else {
                        h3 { "Key schedule " small { "computed by both sides, never sent" } }
                        (self.schedule(made))
                    }
                    (self.tree(lines, true))
                }
            },
            Block::Checks(checks) => self.checks(checks),
            Block::OnTheWay(lines) => html! {
                article.way {
                    h3 { "On the way " small { "held or computed, never sent" } }
                    (self.folded(lines))
                }
            },
            Block::Show(show) => self.show(show),
        }
    }

    fn show(&self, show: &Show) -> Markup {
        match show {
            Show::Under(under) => self.under(under),
            Show::Said { label, text } => html! {
                p.saying { i { (capital(label)) } " " (self.phrase(text)) }
            },
            Show::Figure(figure) => self.figure(figure),
            Show::Bars(bars) => self.bars(bars),
            Show::Prose(text) => html! { @for paragraph in text.lines() { p { (paragraph) } } },
            Show::Options(options) => html! {
                dl.options { @for (option, does) in options { div { dt { code { (option) } } dd { (does) } } } }
            },
            // These have blocks of their own.
            Show::Message(_) | Show::Value(_) | Show::Made(_) | Show::Check(_) | Show::Gap => html! {},
        }
    }

    fn message(
        &self,
        number: usize,
        message: &Message,
        spoken: Option<&Spoken>,
        lines: &[Line],
        more: usize,
    ) -> Markup {
        let name = spoken.map_or(message.name.as_str(), |spoken| self.name(spoken));
        let ladder = &self.report.ladder;
        let way = spoken.map(|spoken| {
            let arrow = if spoken.way == Way::Left { "←" } else { "→" };
            let sealed = if spoken.sealed { ", sealed" } else { "" };
            format!("{} {arrow} {}{sealed} · ", ladder.left, ladder.right)
        });
        // On the wire, and not what was opened or joined once more.
        let fields = lines.iter().filter(|line| !line.group && !line.whole.range.is_empty()).count() + more;
        let size = match spoken {
            Some(spoken) => {
                let bytes =
                    format!("{} byte{}", thousands(spoken.bytes), if spoken.bytes == 1 { "" } else { "s" });
                format!("{bytes}, {}", counted(fields, "field"))
            }
            None => self.lines.title(message).meaning.unwrap_or_default(),
        };
        html! {
            article.message id=(format!("m{number}")) aria-labelledby=(format!("h{number}")) {
                h3 id=(format!("h{number}")) {
                    (name) " "
                    small {
                        (way.unwrap_or_default()) (size)
                        @if let Some(note) = &message.note { " · " (self.phrase(note)) }
                    }
                }
                (self.dumps(name, lines))
                (self.tree(lines, false))
                @if more > 0 { p.more { "… " (counted(more, "more field")) ", for which there is no room here" } }
            }
        }
    }

    fn checks(&self, checks: &[&Check]) -> Markup {
        html! {
            table.checks {
                caption.sr { (counted(checks.len(), "question")) ", with the answer to each" }
                tbody {
                    @for check in checks {
                        @let (class, answer) = match check.outcome {
                            Outcome::Passed => ("ok", "ok"),
                            Outcome::Failed => ("fails", "FAILS"),
                            Outcome::NotAsked => ("open", "–"),
                        };
                        tr.(class) {
                            td { (answer) @if check.outcome == Outcome::NotAsked { span.sr { "not asked" } } }
                            th scope="row" { (check.name) }
                            td { (self.phrase(&check.text)) }
                            td { (check.source) }
                        }
                    }
                }
            }
        }
    }

    /// Byte under byte: what crossed the wire, what hid it, what was hidden.
    fn under(&self, under: &Under) -> Markup {
        let count = under.wire.range.len().min(IN_A_ROW);
        let first = |span: &Span| span.layer.span(span.range.start..span.range.start + count);
        let row = |name: &str, kind: &str, span: &Span| {
            let target = self.target(span);
            let bytes = self.bytes(span);
            html! {
                tr.(kind) {
                    th scope="row" { a href=(target) { (name) } }
                    @for i in 0..count {
                        td {
                            @match bytes {
                                Some(bytes) => (hexadecimal(&bytes[i..=i])),
                                None => span.bar aria-hidden="true" { "██" },
                            }
                        }
                    }
                    @if bytes.is_none() { td.sr { "kept back" } }
                }
            }
        };
        let opened = first(&under.opened);
        html! {
            figure {
                div.xorwrap tabindex="0" role="group" aria-label="Bytes, keystream and what their XOR is" {
                    table.xor {
                        tbody {
                            (row("on the wire", "ks", &first(&under.wire)))
                            (row("⊕ keystream", "ks", &first(&under.keystream)))
                            (row("= opened", "sum", &opened))
                            @if let Some(bytes) = self.bytes(&opened) {
                                tr {
                                    th scope="row" { span.sr { "as text" } }
                                    @for &byte in bytes { td { (printable([byte].into_iter()).replace(' ', "␣")) } }
                                }
                            }
                        }
                    }
                }
                figcaption {
                    "The cipher never touches the text: it makes the middle line, from the key, the nonce and a counter."
                }
            }
        }
    }

    fn figure(&self, figure: &Figure) -> Markup {
        html! {
            p.measured { span { (figure.name) } b { (figure.amount) } span { (figure.remark) } }
        }
    }

    /// To scale. Where the longest would be out of all proportion, it ends in an arrow, and it is said how
    /// far it would go on.
    fn bars(&self, bars: &[Bar]) -> Markup {
        let lengths = bars.iter().map(|bar| bar.length).filter(|&length| length > 0.0);
        let (shortest, longest) =
            lengths.fold((f64::INFINITY, 0.0_f64), |(low, high), length| (low.min(length), high.max(length)));
        let ratio = longest / shortest;
        let drawn = |length: f64| (length / longest * 100.0).round().clamp(1.0, 100.0) as usize;
        html! {
            div.cost role="group" aria-label="Lengths to scale" {
                @for bar in bars {
                    @let out = ratio > DRAWABLE && bar.length >= longest;
                    span { (bar.label) }
                    span.tube { span.l.big[out].(class(bar.kind)).(width(drawn(bar.length))) {} }
                    span.amount { (bar.amount) }
                }
            }
            @if ratio.is_finite() && ratio > DRAWABLE {
                p.aside { "To scale: if the first bar is one dot wide, the longest goes on for " (thousands(ratio.round().min(1e12) as usize)) " dots." }
            }
        }
    }

    pub(super) fn claims(&self, claims: &[&Claim]) -> Markup {
        html! {
            @for claim in claims {
                dl.notes {
                    dt { "your notes" }
                    dd { q { (claim.quote) } }
                    @let class = match claim.verdict {
                        Verdict::True => "true",
                        Verdict::Incomplete => "incomplete",
                        Verdict::Historical => "historical",
                        Verdict::Wrong => "wrong",
                    };
                    dt.badge.(class) { (claim.verdict) }
                    dd { (if claim.truth.is_empty() { claim.source } else { claim.truth }) }
                }
            }
        }
    }

    pub(super) fn knows_now(&self, i: usize, step: &Step) -> Markup {
        match &step.knows_now {
            KnowsNow::Table if !self.report.items.is_empty() => self.ledger(i),
            KnowsNow::Table | KnowsNow::Untold => html! {},
            KnowsNow::Sentence(sentence) => html! { p.aside { i { "Who knows what now: " } (sentence) } },
        }
    }

    fn ledger(&self, i: usize) -> Markup {
        let report = self.report;
        let now = report.steps[i].until;
        let before = i.checked_sub(1).map(|i| report.steps[i].until);
        let first = report.steps.iter().position(|step| step.knows_now == KnowsNow::Table) == Some(i);
        let mut signs = report.participants.iter().flat_map(|participant| {
            report.items.iter().map(|item| self.knows(participant.party, item, now).0)
        });
        let unseen = signs.any(|sign| sign == "?");
        html! {
            div.wide {
                table.ledger {
                    caption { "Who knows what now" }
                    thead {
                        tr {
                            th scope="col" { span.sr { "who" } }
                            @for item in &report.items { th scope="col" { (item.name) } }
                        }
                    }
                    tbody {
                        @for participant in &report.participants {
                            tr {
                                th scope="row" { (participant.party.0) }
                                @for item in &report.items {
                                    @let then = before.map(|at| self.knows(participant.party, item, at));
                                    @let knows = self.knows(participant.party, item, now);
                                    @let fresh = then.is_some_and(|then| then != knows)
                                        || then.is_none() && knows.2 != "no";
                                    td.new[fresh] {
                                        span.(knows.2) aria-hidden="true" { (knows.0) }
                                        span.sr { (knows.1) @if fresh { ", since this step" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if first {
                p.aside {
                    "● knows it \u{2002} ◐ knows a part \u{2002} " span.half { "○" }
                    " holds it sealed \u{2002} · has nothing \u{2002} "
                    @if unseen { "? not ours to see \u{2002} " }
                    "shaded: new"
                }
            }
        }
    }

    /// What a party has of a thing in several parts: a sign, words, a class.
    fn knows(
        &self,
        party: crate::wire::Party,
        item: &Item,
        at: Moment,
    ) -> (&'static str, &'static str, &'static str) {
        let of = |part: &Option<Span>| self.lines.ledger().has(party, item, part.as_ref(), at);
        let all: Vec<_> = item.parts.iter().map(of).collect();
        let count = all.iter().filter(|&&knows| knows == Knowledge::Knows).count();
        match () {
            () if count == all.len() && count > 0 => ("●", "knows it", "all"),
            () if count > 0 => ("◐", "knows a part", "all"),
            () if all.contains(&Knowledge::Sealed) => ("○", "holds it sealed", "half"),
            () if all.contains(&Knowledge::Unseen) => ("?", "not ours to see", "no"),
            () => ("·", "has nothing", "no"),
        }
    }
}
