//! How much one exchange carries: small on a bad link, so that a dropped connection costs little;
//! large on a good one, so that few round trips are made.

use lianxin_shared::limits::{CHANGE_BYTES_MAX, DOWNLOAD_PAGE_BYTES_MAX, UPLOAD_PAGE_BYTES};

/// Bytes of changes asked for before anything is known of the link: about 90 records.
const DOWNLOAD_FIRST: u64 = 64 * 1024;
const DOWNLOAD_LEAST: u64 = 8 * 1024;
const DOWNLOAD_MOST: u64 = DOWNLOAD_PAGE_BYTES_MAX as u64;
/// About 33 KB compressed: at 20 kbit/s it is through before a hilltop's signal goes after 20 s, and two such
/// pages carry 200 records.
const UPLOAD_FIRST: usize = 96 * 1024;
const UPLOAD_MOST: usize = UPLOAD_PAGE_BYTES;
const UPLOAD_LEAST: usize = 8 * 1024;
/// How long an exchange should take that has much to carry: a cut costs at most so much, and the round trip is a
/// small part of it.
const WANTED_MS: i64 = 6_000;
/// One exchange says little; a page grows or shrinks by so much at the most.
const STEP: u64 = 4;
/// While a page is merged the engine answers nothing else, so this bounds how long an edit waits.
const MERGING_MS_MAX: i64 = 1_000;
/// Fewer bytes say nothing of a link's speed: the round trip is most of it.
const TELLING: u64 = 16 * 1024;
/// A link that brings less in a second, before compression, is slow: about 64 kbit/s.
const SLOW_BYTES_PER_S: u64 = 24 * 1024;

const _: () = assert!(UPLOAD_LEAST < CHANGE_BYTES_MAX, "a page of one change is always sent, however large");

/// The present sizes, in bytes of changes before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) download: u64,
    pub(crate) upload: usize,
    slow: bool,
}

/// What an exchange carried, before compression, and how long that took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    pub(crate) up: usize,
    pub(crate) down: usize,
    pub(crate) network_ms: i64,
    pub(crate) merging_ms: i64,
}

impl Default for Pages {
    fn default() -> Self {
        Self { download: DOWNLOAD_FIRST, upload: UPLOAD_FIRST, slow: false }
    }
}

impl Pages {
    /// After an exchange that went well: what was filled becomes as large as takes the wanted time. An idle
    /// exchange says nothing.
    pub(crate) fn went_well(&mut self, carried: Carried) {
        let Carried { up, down, network_ms, merging_ms } = carried;
        let (up, down) = (up as u64, down as u64);
        self.upload = adapted(self.upload as u64, up, network_ms, UPLOAD_LEAST as u64, UPLOAD_MOST as u64) as usize;
        self.download = adapted(self.download, down, network_ms + merging_ms, DOWNLOAD_LEAST, DOWNLOAD_MOST);
        if merging_ms > MERGING_MS_MAX {
            self.download = (down / 2).clamp(DOWNLOAD_LEAST, self.download);
        }
        if up + down >= TELLING {
            self.slow = (up + down) * 1_000 / (network_ms.max(1) as u64) < SLOW_BYTES_PER_S;
        }
    }

    /// Whether the link was measured to be slow.
    pub(crate) fn are_slow(&self) -> bool {
        self.slow
    }

    /// After an exchange that broke off or stalled.
    pub(crate) fn broke_off(&mut self) {
        self.download = (self.download / 2).max(DOWNLOAD_LEAST);
        self.shrink_upload();
    }

    /// After "too large".
    pub(crate) fn shrink_upload(&mut self) {
        self.upload = (self.upload / 2).max(UPLOAD_LEAST);
    }
}

fn adapted(page: u64, carried: u64, ms: i64, least: u64, most: u64) -> u64 {
    if carried < page / 2 {
        return page;
    }
    let wanted = carried * WANTED_MS as u64 / ms.max(1) as u64;
    wanted.clamp(page / STEP, page * STEP).clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(up: usize, down: usize, network_ms: i64, merging_ms: i64) -> Carried {
        Carried { up, down, network_ms, merging_ms }
    }

    #[test]
    fn pages_follow_the_link_within_bounds() {
        let mut pages = Pages::default();
        for _ in 0..9 {
            pages.went_well(exchange(40, 40, 200, 5));
        }
        assert_eq!(pages, Pages::default(), "exchanges that carry nothing say nothing");
        for _ in 0..9 {
            pages.went_well(exchange(pages.upload, pages.download as usize, 400, 50));
        }
        assert_eq!((pages.download, pages.upload), (DOWNLOAD_MOST, UPLOAD_MOST));
        pages.went_well(exchange(40, DOWNLOAD_MOST as usize, 400, 4_000));
        assert!(pages.download <= DOWNLOAD_MOST / 2, "a slow phone, too, wants smaller pages");
        for _ in 0..30 {
            pages.broke_off();
        }
        assert_eq!((pages.download, pages.upload), (DOWNLOAD_LEAST, UPLOAD_LEAST));
    }

    #[test]
    fn on_2g_a_page_takes_some_seconds() {
        // 20 kbit/s up, 50 down, a round trip of 500 ms; changes compress to a third.
        let mut pages = Pages::default();
        for _ in 0..6 {
            let ms = 500 + pages.upload as i64 / 3 * 8 / 20;
            pages.went_well(exchange(pages.upload, 0, ms, 0));
        }
        let ms = 500 + pages.upload as i64 / 3 * 8 / 20;
        assert!((4_000..7_000).contains(&ms), "{} bytes take {ms} ms", pages.upload);
        assert!(pages.are_slow());
    }
}
