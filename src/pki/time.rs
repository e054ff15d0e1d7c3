//! Moments, as certificates state them: to the second, in UTC.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff_core::civil::{DateTime, TimeSecond, UnixEpochDay};

use crate::wire::{Refused, Value};

/// Seconds in a day. UTC's leap seconds have no number of their own here, nor in certificates.
pub const DAY: i64 = 86_400;

/// A moment, to the second: from the year 0 to the end of 9999.
///
/// ```
/// use cutaway::pki::Time;
/// let time: Time = "2027-11-24T14:52:16Z".parse().unwrap();
/// assert_eq!(time.to_string(), "2027-11-24 14:52:16 UTC");
/// assert_eq!(time.unix(), 1_827_067_936);
/// assert_eq!(time.days_until(time.plus_days(364)), 364);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    unix: i64,
}

impl Time {
    /// What RFC 5280 §4.1.2.5 writes for "without end": 99991231235959Z.
    pub const NEVER: Self = Self { unix: 253_402_300_799 };

    const EARLIEST: Self = Self { unix: -62_167_219_200 };

    /// The moment this many seconds after 1970 began; one outside the years 0 to 9999 becomes the
    /// nearest that is inside.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self { unix: seconds.clamp(Self::EARLIEST.unix, Self::NEVER.unix) }
    }

    /// The seconds since 1970 began.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.unix
    }

    /// The moment by the machine's clock.
    #[must_use]
    pub fn now() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// So many days later, or earlier.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_unix(self.unix.saturating_add(days.saturating_mul(DAY)))
    }

    /// The whole days from here to `later`; negative if that is over.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        (later.unix - self.unix).div_euclid(DAY)
    }

    /// As RFC 3339 writes it: `2027-11-24T14:52:16Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (date, time) = self.date_and_time();
        format!("{date}T{time}Z")
    }

    pub(crate) fn year(self) -> i16 {
        self.civil().date().year()
    }

    /// By the calendar.
    fn civil(self) -> DateTime {
        let day = UnixEpochDay::new(self.unix.div_euclid(DAY) as i32).expect("a day of the years 0 to 9999");
        let second = TimeSecond::new(self.unix.rem_euclid(DAY) as i32).expect("a second of a day");
        DateTime::from_parts(day.to_date(), second.to_time())
    }

    fn date_and_time(self) -> (String, String) {
        let (date, time) = (self.civil().date(), self.civil().time());
        (
            format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()),
            format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
        )
    }

    /// `YYYYMMDDHHMMSSZ`; without its first two digits it is a UTCTime.
    pub(crate) fn digits(self) -> String {
        self.rfc3339().replace(['-', ':', 'T'], "")
    }

    /// Two digits each: month, day, hour, minute, second, then `Z`.
    fn in_year(year: i16, rest: &[u8]) -> Result<Self, Refused> {
        let &[ref digits @ .., b'Z'] = rest else {
            return Err("a time that does not end in Z".into());
        };
        let mut numbers = [0; 5];
        for (number, pair) in numbers.iter_mut().zip(digits.chunks(2)) {
            *number = two_digits(pair)?;
        }
        let [month, day, hour, minute, second] = numbers;
        match DateTime::new(year, month, day, hour, minute, second, 0) {
            Ok(moment) if digits.len() == 10 => {
                let day = i64::from(moment.date().to_unix_epoch_day().day());
                Ok(Self { unix: day * DAY + i64::from(moment.time().to_second().second()) })
            }
            _ => Err("no such date or time".into()),
        }
    }
}

fn two_digits(pair: &[u8]) -> Result<i8, Refused> {
    match *pair {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Ok(((tens - b'0') * 10 + (ones - b'0')) as i8),
        _ => Err("a time of other characters than digits".into()),
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = self.date_and_time();
        f.pad(&format!("{date} {time} UTC"))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what [`Time::rfc3339`] writes, and no other form of RFC 3339: no fractions, no offset but `Z`.
impl FromStr for Time {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let digits = text.replace(['-', ':', 'T'], "");
        match GeneralizedTime::decode(digits.as_bytes()) {
            Ok(GeneralizedTime(time)) if time.rfc3339() == text => Ok(time),
            Err(why) if digits.len() + 5 == text.len() => Err(why),
            _ => Err("a time that is not written like 2027-11-24T14:52:16Z".into()),
        }
    }
}

/// `UTCTime`: `YYMMDDHHMMSSZ`, of the years 1950 to 2049 (RFC 5280 §4.1.2.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UtcTime(pub(crate) Time);

/// `GeneralizedTime`: `YYYYMMDDHHMMSSZ`, without fractions (RFC 5280 §4.1.2.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GeneralizedTime(pub(crate) Time);

impl Value<'_> for UtcTime {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let Some((year, rest)) = bytes.split_at_checked(2) else {
            return Err("a time without a year".into());
        };
        let year = i16::from(two_digits(year)?);
        Time::in_year(if year < 50 { 2000 + year } else { 1900 + year }, rest).map(Self)
    }
}

impl Value<'_> for GeneralizedTime {
    const LENGTH: Option<usize> = None;

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let Some((year, rest)) = bytes.split_at_checked(4) else {
            return Err("a time without a year".into());
        };
        let (century, year) = (two_digits(&year[..2])?, two_digits(&year[2..])?);
        Time::in_year(i16::from(century) * 100 + i16::from(year), rest).map(Self)
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for GeneralizedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_utc_time_has_its_century_from_the_pivot() {
        let of = |text: &str| UtcTime::decode(text.as_bytes()).unwrap().to_string();
        assert_eq!(of("491231235959Z"), "2049-12-31 23:59:59 UTC");
        assert_eq!(of("500101000000Z"), "1950-01-01 00:00:00 UTC");
    }

    #[test]
    fn a_generalized_time_reaches_the_end_that_is_none() {
        assert_eq!(GeneralizedTime::decode(b"99991231235959Z").unwrap().0, Time::NEVER);
        assert_eq!(Time::NEVER.unix(), 253_402_300_799);
        assert_eq!(Time::from_unix(i64::MAX), Time::NEVER);
        assert_eq!(Time::NEVER.digits(), "99991231235959Z");
        assert_eq!(Time::from_unix(i64::MIN).digits(), "00000101000000Z");
    }

    #[test]
    fn no_form_but_rfc_5280s_is_a_time() {
        for text in ["2711241452Z", "271124145216+0000", "271124145216", "271324145216Z", "270229145216Z"] {
            assert!(UtcTime::decode(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["", "Z", "27", "27112414521 Z", "2711241452160Z", "271124145216ZZ", "271124145260Z"] {
            assert!(UtcTime::decode(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["20271124145216.5Z", "202711241452Z", "271124145216Z", "20271124145216"] {
            assert!(GeneralizedTime::decode(text.as_bytes()).is_err(), "{text}");
        }
        for text in
            ["2027-11-24 14:52:16Z", "20271124T145216Z", "2027-11-24T14:52:16", "2027-11-24T14:52:1Z", "T"]
        {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
        let why = UtcTime::decode(b"271324145216Z").unwrap_err();
        assert_eq!(why.0, "no such date or time");
        let why = "2027-13-24T14:52:16Z".parse::<Time>().unwrap_err();
        assert_eq!(why.0, "no such date or time");
    }
}
