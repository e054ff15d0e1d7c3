//! What the chapters of the course say about the notes.

#[path = "course/figures.rs"]
mod figures;

use cutaway::story::claims;

/// The notes.
const NOTES: &str = include_str!("../docs/authentication-encryption-tls.txt");

/// The chapters, by the section of the notes that they are about.
const CHAPTERS: [(&str, &str); 1] = [("3", include_str!("../docs/3-tls.md"))];

/// The text of a section of the notes.
fn section(number: &str) -> &str {
    let begin = NOTES.find(&format!("\n{number}. ")).expect("the section is there");
    let next: u32 = number.parse::<u32>().expect("a number") + 1;
    let end = NOTES.find(&format!("\n{next}. ")).unwrap_or(NOTES.len());
    &NOTES[begin..end]
}

/// The quotations of a chapter, each with what is said of it.
fn quotations(chapter: &str) -> Vec<(&str, &str)> {
    let quotations = chapter.split("\n> “").skip(1);
    quotations.map(|rest| rest.split_once("”\n>\n> **").expect("a badge follows every quotation")).collect()
}

#[test]
fn every_quotation_stands_in_the_notes_word_for_word_and_has_a_badge() {
    for (number, chapter) in CHAPTERS {
        let section = section(number);
        for (quote, judgement) in quotations(chapter) {
            assert!(section.contains(quote), "section {number} does not say: {quote}");
            let badges = ["TRUE", "INCOMPLETE", "HISTORICAL", "WRONG"];
            assert!(badges.iter().any(|badge| judgement.starts_with(badge)), "no badge: {quote}");
        }
    }
}

#[test]
fn a_sentence_that_a_story_judges_has_the_same_badge_in_its_chapter() {
    for (number, chapter) in CHAPTERS {
        let quotations = quotations(chapter);
        let claims: Vec<_> = claims::ALL.iter().filter(|claim| claim.section == number).collect();
        assert!(!claims.is_empty(), "no story judges section {number}");
        for claim in claims {
            let found = quotations.iter().find(|(quote, _)| *quote == claim.quote);
            let (_, judgement) =
                found.unwrap_or_else(|| panic!("chapter {number} leaves out: {}", claim.quote));
            assert!(judgement.starts_with(&claim.verdict.to_string()), "{}: {}", claim.quote, claim.verdict);
        }
    }
}

#[test]
fn chapters_fetch_nothing() {
    for (number, chapter) in CHAPTERS {
        for tag in ["<img", "<script", "<link", "<iframe", "src=", "@import", "url(", "\n!["] {
            assert!(!chapter.contains(tag), "chapter {number} contains {tag}");
        }
    }
}
