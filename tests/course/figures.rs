//! The figures of chapter 3, drawn from a run: the bytes and the lengths are those that it had.

use std::path::Path;

use cutaway::report::{Exchange, Ladder, Way};
use cutaway::story::tls_handshake::{Settings, local};
use cutaway::wire::{LayerId, Layers, Origin, Span};

/// To draw them anew after a change that was meant: `UPDATE_SNAPSHOTS=1 cargo test --test course`.
#[test]
fn the_figures_of_chapter_3_are_drawn_from_the_run_with_seed_1() {
    let report = local(&Settings::seeded(1)).expect("a loopback connection").report;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/3-tls.md");
    for (name, drawn) in [("ladder", ladder(&report.ladder)), ("key schedule", key_schedule(&report.layers))]
    {
        let chapter = std::fs::read_to_string(&file).unwrap();
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
        let (before, rest) = chapter.split_once(&begin).expect("the figure begins");
        let (kept, after) = rest.split_once(&end).expect("the figure ends");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&file, [before, &begin, &drawn, &end, after].concat()).unwrap();
        } else {
            assert_eq!(kept, drawn, "the {name}");
        }
        // An empty line would end the HTML in the midst of the text.
        assert!(!drawn.contains("\n\n"), "the {name}");
    }
}

/// A figure 640 wide, with what it says for those who do not see it.
fn figure(height: usize, says: &str, drawing: &str, caption: &str) -> String {
    format!(
        "<figure>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 {height}\" width=\"640\" \
         style=\"max-width:100%;height:auto\" role=\"img\" aria-label=\"{says}\" font-family=\"monospace\" \
         font-size=\"12\" fill=\"currentColor\" stroke=\"none\">\n{drawing}</svg>\n\
         <figcaption>{caption}</figcaption>\n</figure>\n"
    )
}

/// Where the two parties of the ladder stand.
const LEFT: usize = 50;
const RIGHT: usize = 570;

fn ladder(ladder: &Ladder) -> String {
    let bottom = 28 + 40 * ladder.rows.len();
    let mut drawing = format!(
        "<g text-anchor=\"middle\" font-weight=\"bold\"><text x=\"{LEFT}\" y=\"18\">{}</text>\
         <text x=\"{RIGHT}\" y=\"18\">{}</text></g>\n\
         <path d=\"M{LEFT} 28 V{bottom} M{RIGHT} 28 V{bottom}\" stroke=\"currentColor\" opacity=\"0.45\"/>\n",
        ladder.left, ladder.right
    );
    let (mut says, mut step) = (String::from("The six steps as a ladder."), 0);
    for (row, y) in ladder.rows.iter().zip((56..).step_by(40)) {
        if row.step != step {
            step = row.step;
            drawing += &format!("<text x=\"14\" y=\"{y}\" font-weight=\"bold\">{step}</text>\n");
            says += &format!(" Step {step}:");
        }
        drawing += &rung(row, y);
        says += &said(row, ladder);
    }
    let total: usize = ladder.rows.iter().map(|row| row.bytes).sum();
    let caption = format!(
        "A run with seed 1: {total} bytes crossed the wire. Where the line doubles, encryption begins: in \
         the middle of step 5."
    );
    figure(bottom + 8, &says, &drawing, &caption)
}

/// One row: a line for the readable messages, a double line for the sealed ones.
fn rung(row: &Exchange, y: usize) -> String {
    if row.way == Way::Nowhere {
        return format!("<text x=\"66\" y=\"{y}\" font-style=\"italic\">{}</text>\n", row.messages[0].0);
    }
    let mut parts: Vec<_> = row.messages.chunk_by(|a, b| a.1 == b.1).collect();
    let width = (RIGHT - LEFT) / parts.len();
    if row.way == Way::Left {
        parts.reverse(); // Each is read from its speaker's side on.
    }
    let mut drawn = String::new();
    for (part, from) in parts.iter().zip((LEFT..).step_by(width)) {
        let names: Vec<_> = part.iter().map(|(name, _)| name.as_str()).collect();
        let (to, middle) = (from + width, from + width / 2);
        // A line ends where an arrow's head begins.
        let begin = if from == LEFT && row.way != Way::Right { from + 8 } else { from };
        let end = if to == RIGHT && row.way != Way::Left { to - 8 } else { to };
        let line = if part[0].1 {
            format!("M{begin} {} H{end} M{begin} {} H{end}", y - 2, y + 2)
        } else {
            format!("M{begin} {y} H{end}")
        };
        drawn += &format!(
            "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
             <path d=\"{line}\" stroke=\"currentColor\" stroke-width=\"1.5\"/>",
            y - 8,
            names.join(" · ")
        );
    }
    if row.way != Way::Left {
        drawn += &format!("<path d=\"M{RIGHT} {y} l-10 -5 v10 z\"/>");
    }
    if row.way != Way::Right {
        drawn += &format!("<path d=\"M{LEFT} {y} l10 -5 v10 z\"/>");
    }
    drawn + &format!("<text x=\"580\" y=\"{}\">{} B</text>\n", y + 4, row.bytes)
}

/// The same in words.
fn said(row: &Exchange, ladder: &Ladder) -> String {
    let names: Vec<_> = row
        .messages
        .iter()
        .map(|(name, sealed)| if *sealed { format!("{name}, sealed") } else { name.clone() })
        .collect();
    let (names, bytes) = (names.join("; "), row.bytes);
    match row.way {
        Way::Right => format!(" {names}; {bytes} bytes from {} to {}.", ladder.left, ladder.right),
        Way::Left => format!(" {names}; {bytes} bytes from {} to {}.", ladder.right, ladder.left),
        Way::Both => format!(" {names}; {bytes} bytes."),
        Way::Nowhere => format!(" {names}"),
    }
}

fn key_schedule(layers: &Layers) -> String {
    let of = |name| layers.all().find(|(_, layer)| layer.name == name).expect(name).0;
    let premaster = layers.find(of("padded premaster secret"), "EncryptionBlock.PreMasterSecret").unwrap();
    let (master, block) = (layers.whole(of("master_secret")), layers.whole(of("key_block")));
    let how = |id: LayerId| match &layers.get(id).origin {
        Origin::Computed { how, .. } => *how,
        other => panic!("not computed: {other:?}"),
    };
    let leaves = layers.get(block.layer).fields.leaves();
    let keys: Vec<_> =
        leaves.map(|leaf| (leaf.field().label, block.layer.span(leaf.field().range()))).collect();
    let lengths: Vec<_> = keys.iter().map(|(_, span)| span.range.len().to_string()).collect();
    let made = [
        ("premaster_secret", &premaster, String::new()),
        ("master_secret", &master, format!("{}, hash of steps 1 to 4", how(master.layer))),
        ("key_block", &block, format!("{}, both randoms", how(block.layer))),
    ];
    // The longest is as wide as the figure.
    let scale = 612.0 / block.range.len() as f64;
    let (mut drawing, mut says) = (String::new(), String::from("The key schedule, to scale."));
    for ((name, span, how), y) in made.iter().zip((22..).step_by(82)) {
        let length = span.range.len();
        if !how.is_empty() {
            drawing += &format!(
                "<path d=\"M218 {} V{}\" stroke=\"currentColor\"/><path d=\"M218 {y} l-4 -10 h8 z\"/>\
                 <text x=\"230\" y=\"{}\">{how}</text>\n",
                y - 52,
                y - 8,
                y - 24
            );
            says += &format!(" Through the {}, it becomes", how.replace(['"', ':'], ""));
        }
        says += &format!(" {name}, {length} bytes.");
        drawing += &format!(
            "<text x=\"14\" y=\"{}\"><tspan font-weight=\"bold\">{name}</tspan> {length} bytes</text>\n",
            y - 8
        );
        let whole = [(*name, (*span).clone())];
        let parts = if *span == &block { &keys[..] } else { &whole };
        for (name, part) in parts {
            drawing += &bar(
                layers,
                name,
                part,
                14.0 + scale * (part.range.start - span.range.start) as f64,
                y,
                scale,
            );
        }
    }
    for (name, part) in &keys {
        says += &format!(" {name}: {} bytes.", part.range.len());
    }
    let caption = format!(
        "To scale: one byte has the same width in all three rows. {} bytes travelled. {} come out, cut into \
         {}. The values are those of the run with seed 1.",
        premaster.range.len(),
        block.range.len(),
        lengths.join(" + ")
    );
    figure(250, &says, &drawing, &caption)
}

/// A value as wide as it is long, with as many of its first bytes as there is room for, four at the most.
fn bar(layers: &Layers, name: &str, span: &Span, x: f64, y: usize, scale: f64) -> String {
    let (bytes, width) = (layers.bytes(span), scale * span.range.len() as f64);
    let middle = x + width / 2.0;
    let rect = format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"30\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"1.5\"/><g text-anchor=\"middle\">"
    );
    let under = if name.contains("_write_") {
        let short = if bytes.len() < 8 { "IV" } else { name };
        format!("<text x=\"{middle}\" y=\"{}\">{short}</text>", y + 45)
    } else {
        String::new()
    };
    let first: Vec<_> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let inside = if bytes.len() < 8 {
        format!("<text x=\"{middle}\" y=\"{}\" font-size=\"9\">{} ..</text>", y + 19, first[0])
    } else {
        format!("<text x=\"{middle}\" y=\"{}\">{} ..</text>", y + 19, first.join(" "))
    };
    format!("{rect}{inside}{under}</g>\n")
}
