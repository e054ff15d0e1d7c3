//! What Mallory did: found out by holding what the one end said against what the other heard.

use std::ops::Range;

use super::Teller;
use crate::report::{Phrase, Show, Value};
use crate::story::tls_handshake::faults::Deed;
use crate::story::tls_handshake::tell::broken::Broken;
use crate::symmetric::aead::Nonce;
use crate::symmetric::cbc::AnyAesCbc;
use crate::symmetric::gcm::AnyAesGcm;
use crate::tls::dissect::{CLIENT, Content, Event, SERVER};
use crate::tls::message::Message as Handshake;
use crate::tls::protection::cbc;
use crate::tls::record::{self, ContentType, Header};
use crate::wire::{Fields, Layer, LayerId, Origin, Party, ReadError, Reader, Span};

/// What Mallory did, as the bytes at both ends show it.
pub(super) struct Change {
    /// The step in which she did it.
    pub(super) step: u8,
    /// What there is to see of it.
    pub(super) shows: Vec<Show>,
    /// Which field she altered, and what it says since.
    pub(super) altered: Option<(Span, String)>,
    /// The page that the client would have taken for the server's.
    pub(super) page: Phrase,
}

impl Teller {
    /// What Mallory did: where what the one end heard is not what the other said.
    pub(super) fn find_change(&mut self) -> Option<Change> {
        let Broken { fault, by, said, .. } = self.view.broken.as_ref()?;
        let Deed::Meddle(_) = fault.deed else { return None };
        let from = if *by == CLIENT { SERVER } else { CLIENT };
        let heard = |layer: &Layer| matches!(layer.origin, Origin::Wire { by, .. } if by == from);
        let heard: Vec<_> = self.layers().all().filter(|(_, layer)| heard(layer)).map(|(id, _)| id).collect();
        let bytes = |id: &LayerId| self.layers().get(*id).bytes();
        let mut said = records(said);
        let same =
            heard.iter().take_while(|id| said.clone().next() == Some(bytes(id)) && said.next().is_some());
        let same = same.count();
        let kept_back: Vec<_> = said.map(<[u8]>::to_vec).collect();
        let before = same.checked_sub(1).map(|before| heard[before]);
        match heard.get(same).copied() {
            Some(again) if before.is_some_and(|before| bytes(&before) == bytes(&again)) => {
                Some(self.repeated(again))
            }
            Some(altered) => Some(self.altered(from, altered, kept_back.into_iter().next()?)),
            None => Some(self.withheld(from, before?, &kept_back)),
        }
    }

    fn repeated(&self, again: LayerId) -> Change {
        let bytes = self.layers().get(again).bytes().len();
        let before = |event: &&Event| event.sealed && event.records.iter().all(|it| it.layer < again);
        let number = self.d.events.iter().filter(|event| event.from == SERVER).filter(before).count();
        let prose = format!(
            "Mallory sends these {bytes} bytes twice, and alters not one. She cannot read them, and need not. Sealed as \
             number {} of the server’s records, they come once more as number {number}.",
            number.saturating_sub(1)
        );
        let mut page = self.pages();
        page.extend(page.last().cloned());
        Change {
            step: self.step_with(again),
            shows: vec![Show::Prose(prose)],
            altered: None,
            page: self.quoted(page),
        }
    }

    fn withheld(&self, from: Party, last: LayerId, kept_back: &[Vec<u8>]) -> Change {
        let of = |record: &Vec<u8>| format!("{} of {} bytes", ContentType(record[0]), record.len());
        let records: Vec<_> = kept_back.iter().map(of).collect();
        let prose = format!(
            "Mallory passes on no more, and ends the connection. What the {from} said besides she keeps: {}.",
            records.join(", ")
        );
        Change {
            step: self.step_with(last),
            shows: vec![Show::Prose(prose)],
            altered: None,
            page: self.quoted(self.pages()),
        }
    }

    /// Adds the record as it was said, and shows what became of it.
    fn altered(&mut self, from: Party, heard: LayerId, original: Vec<u8>) -> Change {
        let event = self.d.events.iter().find(|event| event.records.iter().any(|it| it.layer == heard));
        let sealed = event.is_some_and(|event| event.sealed || matches!(event.content, Content::Sealed(_)));
        let at = event.map_or(self.d.layers.now, |event| event.moment);
        let layers = &mut self.d.layers;
        let offset = match layers.get(heard).origin {
            Origin::Wire { offset, .. } => offset,
            _ => 0,
        };
        let now = std::mem::replace(&mut layers.now, at);
        let said = layers.heard(from, offset, "record, as it was said", original);
        layers.now = now;
        let _ = layers.read(said, |r| read_record(r, sealed));

        let difference = Difference::between(layers.get(said).bytes(), layers.get(heard).bytes());
        let (label, place) = difference.field(&layers.get(heard).fields, sealed);
        let meaning = |layer: LayerId| {
            let fields = &layers.get(layer).fields;
            let field = fields.leaves().find(|leaf| leaf.field().range() == place);
            let meaning = field.and_then(|leaf| leaf.field().meaning.as_deref().map(str::to_owned));
            meaning.unwrap_or_else(|| difference.in_words())
        };
        let row = |layer: LayerId, how: &str| {
            let value = Value::new(&layer.span(place.clone())).named(format!("{label}, {how}"));
            Show::Value(value.means(meaning(layer)))
        };
        let prose = format!(
            "Mallory, on the way, alters {} of these {} bytes, at {:04x}, and sends them on. No key is needed for that.",
            difference.in_words(),
            layers.get(heard).bytes().len(),
            difference.place.start
        );
        let shows = vec![Show::Prose(prose), Show::Gap, row(said, "said"), row(heard, "heard")];
        let altered = Some((heard.span(place.clone()), meaning(heard)));
        let page = match self.unchecked(heard) {
            None if sealed => Phrase::from("none: her bit lies in the padding, which does not fit any more"),
            page => page.unwrap_or_default(),
        };
        Change { step: self.step_with(heard), shows, altered, page }
    }

    /// The page that the client would have read if it had not looked at tag or MAC: none if the record would
    /// not have opened all the same.
    fn unchecked(&mut self, heard: LayerId) -> Option<Phrase> {
        let mut pages = self.pages();
        pages.push(self.in_counter_mode(heard).or_else(|| self.in_a_chain_of_blocks(heard))?);
        Some(self.quoted(pages))
    }

    /// The text of a record, decrypted with AES-CBC: what was altered in the IV is altered in the first
    /// block, and nothing else is.
    fn in_a_chain_of_blocks(&mut self, heard: LayerId) -> Option<Span> {
        let layers = &mut self.d.layers;
        let key = layers.find(self.d.schedule.key_block.as_ref()?.layer, "key_block.server_write_key")?;
        let iv = layers.find(heard, "TLSCiphertext.GenericBlockCipher.IV")?;
        let sealed = layers.find(heard, "TLSCiphertext.GenericBlockCipher.ciphertext")?;
        let how = "AES-CBC, no MAC looked at";
        let text = layers.open("text, unchecked", how, &sealed, [&key, &iv], true, |sealed, [key, iv]| {
            let mut text = sealed.to_vec();
            let (blocks, []) = text.as_chunks_mut() else { return None };
            AnyAesCbc::new(key)?.decrypt(iv.try_into().ok()?, blocks);
            cbc::content_length(&text).map(|_| text)
        })?;
        let length = cbc::content_length(layers.bytes(&text))?;
        Some(text.layer.span(0..length))
    }

    /// The text of a record under the keystream: in counter mode what was altered in the ciphertext is
    /// altered in the text, and nothing else is.
    fn in_counter_mode(&mut self, heard: LayerId) -> Option<Span> {
        let layers = &mut self.d.layers;
        let block = self.d.schedule.key_block.as_ref()?.layer;
        let key = layers.find(block, "key_block.server_write_key")?;
        let iv = layers.find(block, "key_block.server_write_IV")?;
        let explicit = layers.find(heard, "TLSCiphertext.nonce_explicit")?;
        let sealed = layers.find(heard, "TLSCiphertext.ciphertext")?;
        let (how, with) = ("the keystream alone, no tag looked at", [&key, &iv, &explicit]);
        layers.open("text, unchecked", how, &sealed, with, true, |sealed, [key, iv, explicit]| {
            // What zeros are sealed to is the keystream.
            let mut keystream = vec![0; sealed.len()];
            let nonce = Nonce([iv, explicit].concat().try_into().ok()?);
            AnyAesGcm::new(key)?.seal_in_place(&nonce, &[], &mut keystream).ok()?;
            Some(sealed.iter().zip(keystream).map(|(sealed, key)| sealed ^ key).collect())
        })
    }

    fn step_with(&self, record: LayerId) -> u8 {
        let with = |event: &Event| event.records.iter().any(|it| it.layer == record);
        self.events().into_iter().find(|(_, event)| with(event)).map_or(1, |(step, _)| step)
    }

    /// The texts one behind the other, between quotation marks, without the line feed at their end.
    fn quoted(&self, mut texts: Vec<Span>) -> Phrase {
        let Some(last) = texts.last_mut() else { return Phrase::default() };
        if self.layers().bytes(last).ends_with(b"\n") {
            last.range.end -= 1;
        }
        texts.iter().fold(Phrase::from("“"), Phrase::text).and("”")
    }

    /// Where the page lies, record by record: behind the head, and in all that follows.
    fn pages(&self) -> Vec<Span> {
        let answers =
            self.d.events.iter().filter(|it| it.from == SERVER && it.content == Content::ApplicationData);
        let mut head_is_over = false;
        let mut pages = Vec::new();
        for event in answers {
            let (span, bytes) = (&event.message, self.layers().bytes(&event.message));
            let start = match bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                _ if head_is_over => 0,
                Some(end) => end + 4,
                None => continue,
            };
            head_is_over = true;
            pages.push(span.layer.span(span.range.start + start..span.range.end));
        }
        pages
    }
}

/// Where two records of one length differ.
struct Difference {
    place: Range<usize>,
    bits: u32,
}

impl Difference {
    fn between(said: &[u8], heard: &[u8]) -> Self {
        let differs = |at: &usize| said[*at] != heard[*at];
        let places = 0..said.len().min(heard.len());
        let start = places.clone().find(differs).unwrap_or_default();
        let end = places.rev().find(differs).map_or(start, |last| last + 1);
        let bits = (start..end).map(|at| (said[at] ^ heard[at]).count_ones()).sum();
        Self { place: start..end, bits }
    }

    fn in_words(&self) -> String {
        if self.bits == 1 { "one bit".to_owned() } else { format!("{} bits", self.bits) }
    }

    /// The field that was altered, and its place; in one that is sealed the altered bytes alone.
    fn field(&self, fields: &Fields, sealed: bool) -> (&'static str, Range<usize>) {
        let covers = |range: Range<usize>| range.start <= self.place.start && self.place.end <= range.end;
        match fields.leaves().find(|leaf| covers(leaf.field().range())) {
            Some(leaf) if !sealed => (leaf.field().label, leaf.field().range()),
            Some(leaf) => (leaf.field().label, self.place.clone()),
            None => ("bytes", self.place.clone()),
        }
    }
}

/// A stream's whole records.
fn records(mut stream: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::from_fn(move || {
        let &[_, _, _, high, low] = stream.first_chunk()?;
        let (record, rest) =
            stream.split_at_checked(record::HEADER + usize::from(u16::from_be_bytes([high, low])))?;
        stream = rest;
        Some(record)
    })
}

/// Names the bytes of a record: of one that is not sealed also those of the message in it.
fn read_record(r: &mut Reader, sealed: bool) -> Result<(), ReadError> {
    r.group(if sealed { "TLSCiphertext" } else { "TLSPlaintext" }, |r| {
        let header = Header::read(r)?;
        if !sealed && header.content_type == ContentType::HANDSHAKE {
            return Handshake::read(r).map(drop);
        }
        r.rest("fragment");
        Ok(())
    })
}
