//! What is said after the steps: how it ended, why hybrid, how much there was.

use std::collections::BTreeSet;

use super::{Exchange, Sealing, Teller, Vantage};
use crate::report::{Bar, Figure, Section, Show, thousands};
use crate::story::tls_handshake::explain::LIKELY;
use crate::tls::CipherSuite;
use crate::wire::reader::UNREAD;

impl Teller {
    pub(super) fn closing(&self) -> Vec<Section> {
        let mut sections = self.caught();
        if let Some(failure) = &self.view.failure {
            let prose = failure.replacen(LIKELY, &format!("\n{}", LIKELY.trim_start()), 1);
            sections.push(Section { title: "It ended here".into(), prose, ..Section::default() });
        }
        if let Vantage::Elsewhere { sealed, .. } = &self.view.vantage
            && !sealed.is_empty()
        {
            let (title, prose) = ("What stayed sealed".into(), sealed.clone());
            sections.push(Section { title, prose, ..Section::default() });
        }
        sections.extend(self.hybrid());
        let mut shows = vec![Show::Prose(self.sum())];
        if self.view.stolen.is_some() {
            let answer = "Step 4 lost it: what RSA seals for a key, whoever has the key later opens.";
            shows.insert(0, Show::Prose(answer.into()));
        }
        if let Vantage::Elsewhere { .. } = self.view.vantage {
            // Nothing is offered that would not open it.
            let exchange = self.exchange();
            let opens = self.d.cipher_suite().and_then(CipherSuite::opening).is_some()
                && matches!(self.sealing(), Sealing::Counter | Sealing::MacOutside);
            let mut options = Vec::new();
            if opens {
                options.push(("--keylog F".into(), "secrets of either side".into()));
            }
            if opens && exchange == Exchange::Rsa {
                options.push(("--server-key F".into(), "the server’s key".into()));
            }
            options.push(("--bytes full".into(), "every field".into()));
            options.push(("-o json".into(), "all of it, as data".into()));
            shows.push(Show::Options(options));
        }
        if self.view.broken.is_some() {
            shows.push(Show::Options(vec![
                ("--break list".into(), "other faults".into()),
                ("--bytes full".into(), "every field".into()),
                ("--pcapng FILE".into(), "open it in Wireshark".into()),
                ("--html FILE".into(), "this run, to point at".into()),
            ]));
        } else if self.view.vantage == Vantage::Both {
            shows.push(Show::Options(vec![
                ("--break list".into(), "spoil one thing".into()),
                ("--pcapng FILE".into(), "open it in Wireshark".into()),
                ("--connect ..".into(), "somebody’s server".into()),
                ("--listen ..".into(), "somebody’s client".into()),
                ("--html FILE".into(), "this run, to point at".into()),
                ("--step".into(), "wait between the steps".into()),
            ]));
        }
        sections.push(Section { shows, ..Section::default() });
        sections
    }

    /// How much there was, and whether all of it has a name.
    fn sum(&self) -> String {
        let records = self.d.events.iter().flat_map(|event| &event.records).map(|record| record.layer);
        let records: BTreeSet<_> = records.collect();
        let wire: usize = records.iter().map(|&layer| self.layers().get(layer).bytes().len()).sum();
        let leaves = |said: bool| {
            let layers = self.layers().all().filter(move |(id, _)| records.contains(id) == said);
            layers.flat_map(|(_, layer)| layer.fields.leaves()).collect::<Vec<_>>()
        };
        let (said, made) = (leaves.clone()(true), leaves(false));
        let unread = said.iter().chain(&made).filter(|leaf| leaf.field().label == UNREAD).count();
        let named = match unread {
            0 => "No byte is without a name.".to_owned(),
            1 => "One field is bytes that could not be read.".to_owned(),
            n => format!("{n} fields are bytes that could not be read."),
        };
        let omitted = self.view.omitted as usize;
        let kept =
            if omitted == 0 { String::new() } else { format!(" The first {} were kept:", thousands(wire)) };
        format!(
            "{} bytes crossed the wire.{kept} {} fields, and {} in what was opened, given or computed. {named}",
            thousands(wire + omitted),
            thousands(said.len()),
            thousands(made.len())
        )
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
                amount: match measured.aes {
                    slow if slow < 1e9 => format!("{:.0} MB/s", slow / 1e6),
                    fast => format!("{:.1} GB/s", fast / 1e9),
                },
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
            Show::Prose(format!(
                "A mebibyte would be {} such operations. So TLS asks RSA one question, 48 bytes long, and AES does \
                 the rest.",
                thousands(measured.rsa_operations())
            )),
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
