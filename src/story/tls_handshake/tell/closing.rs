//! What is said after the steps: how it ended, why hybrid, how much there was.

use std::collections::BTreeSet;

use super::Teller;
use crate::report::{Bar, Figure, Section, Show};
use crate::wire::reader::UNREAD;

impl Teller {
    pub(super) fn closing(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        if let Some(failure) = &self.view.failure {
            let prose = failure.clone();
            sections.push(Section { title: "It ended here".into(), prose, ..Section::default() });
        }
        sections.extend(self.hybrid());
        let records = self.d.events.iter().flat_map(|event| &event.records).map(|record| record.layer);
        let records: BTreeSet<_> = records.collect();
        let wire: usize = records.into_iter().map(|layer| self.layers().get(layer).bytes().len()).sum();
        let leaves: Vec<_> = self.layers().all().flat_map(|(_, layer)| layer.fields.leaves()).collect();
        let unread = leaves.iter().filter(|leaf| leaf.field().label == UNREAD).count();
        let named = match unread {
            0 => "and no byte without a name".to_owned(),
            1 => "and one of them is bytes that could not be read".to_owned(),
            n => format!("and {n} of them are bytes that could not be read"),
        };
        let fields = thousands(leaves.len());
        let line = match self.view.omitted {
            0 => format!("{} bytes crossed the wire, {fields} fields, {named}.", thousands(wire)),
            omitted => format!(
                "{} bytes crossed the wire. The first {} were kept, {fields} fields, {named}.",
                thousands(wire + omitted as usize),
                thousands(wire)
            ),
        };
        let options = vec![
            ("--say TEXT".into(), "a page of your own".into()),
            ("--step".into(), "one step at a time".into()),
            ("--connect A:P".into(), "another’s server".into()),
            ("--listen A:P".into(), "another’s client".into()),
        ];
        let shows = vec![Show::Prose(line), Show::Options(options)];
        sections.push(Section { shows, ..Section::default() });
        sections
    }

    fn hybrid(&self) -> Option<Section> {
        let measured = self.view.measured.as_ref()?;
        let (rsa, aes) = (measured.rsa_mebibyte(), measured.aes_mebibyte());
        let shows = vec![
            Show::Figure(Figure {
                name: format!("one RSA-{} decryption", measured.rsa_bits),
                amount: format!("{:.2} ms", measured.rsa * 1e3),
                remark: format!("carries {} bytes at the most", measured.rsa_carries()),
            }),
            Show::Figure(Figure {
                name: measured.cipher.to_owned(),
                amount: format!("{:.1} GB/s", measured.aes / 1e9),
                remark: "carries as much as you like".into(),
            }),
            Show::Gap,
            Show::Bars(vec![
                Bar {
                    label: "1 MiB by AES".into(),
                    length: aes,
                    amount: format!("{:.2} ms", aes * 1e3),
                    kind: None,
                },
                Bar {
                    label: "1 MiB by RSA".into(),
                    length: rsa,
                    amount: format!("{} ms", thousands((rsa * 1e3).round() as usize)),
                    kind: None,
                },
            ]),
            Show::Gap,
            Show::Prose("So TLS asks RSA one question, 48 bytes long, and AES does the rest.".into()),
        ];
        Some(Section {
            title: "Why hybrid".into(),
            aside: if cfg!(debug_assertions) {
                "measured in this run, a dev build"
            } else {
                "measured in this run"
            }
            .into(),
            prose: "RSA needs no shared secret, and is slow. AES is fast, and needs one.".into(),
            shows,
        })
    }
}

/// `1,234,567`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
