//! How much one exchange carries: small on a bad link, so that a dropped connection costs little;
//! large on a good one, so that few round trips are made.

use lianxin_shared::limits::{CHANGE_BYTES_MAX, DOWNLOAD_PAGE_BYTES_MAX, UPLOAD_PAGE_BYTES};

/// Bytes of changes asked for before anything is known of the link: about 150 records.
const DOWNLOAD_FIRST: u64 = 64 * 1024;
const DOWNLOAD_LEAST: u64 = 8 * 1024;
const DOWNLOAD_MOST: u64 = DOWNLOAD_PAGE_BYTES_MAX as u64;
const UPLOAD_MOST: usize = UPLOAD_PAGE_BYTES;
const UPLOAD_LEAST: usize = 8 * 1024;
/// An exchange that takes less than this, network and merging, may carry more.
const QUICK_MS: i64 = 3_000;
/// One that takes longer than this should carry less.
const SLOW_MS: i64 = 15_000;
/// One quick exchange says little; the page grows by so much at the most.
const GROWTH_MAX: i64 = 4;
/// While a page is merged the engine answers nothing else, so this bounds how long an edit waits.
const MERGING_MS_MAX: i64 = 1_000;

const _: () = assert!(UPLOAD_LEAST < CHANGE_BYTES_MAX, "a page of one change is always sent, however large");

/// The present sizes, in bytes of changes before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) download: u64,
    pub(crate) upload: usize,
}

impl Default for Pages {
    fn default() -> Self {
        Self { download: DOWNLOAD_FIRST, upload: UPLOAD_MOST }
    }
}

impl Pages {
    /// After an exchange that went well. A page grows as far as merging a page of that size stays short.
    pub(crate) fn went_well(&mut self, network_ms: i64, merging_ms: i64) {
        if network_ms > SLOW_MS || merging_ms > MERGING_MS_MAX {
            self.shrink_download();
        } else if network_ms + merging_ms < QUICK_MS {
            let factor = (MERGING_MS_MAX / merging_ms.max(1)).clamp(1, GROWTH_MAX) as u64;
            self.download = (self.download * factor).min(DOWNLOAD_MOST);
        }
        if network_ms < QUICK_MS {
            self.upload = (self.upload * 2).min(UPLOAD_MOST);
        }
    }

    /// After an exchange that broke off or stalled.
    pub(crate) fn broke_off(&mut self) {
        self.shrink_download();
        self.shrink_upload();
    }

    /// After "too large".
    pub(crate) fn shrink_upload(&mut self) {
        self.upload = (self.upload / 2).max(UPLOAD_LEAST);
    }

    fn shrink_download(&mut self) {
        self.download = (self.download / 2).max(DOWNLOAD_LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_the_link_within_bounds() {
        let mut pages = Pages::default();
        for _ in 0..9 {
            pages.went_well(200, 50);
        }
        assert_eq!(pages, Pages { download: DOWNLOAD_MOST, upload: UPLOAD_MOST });
        pages.went_well(200, 4_000);
        assert_eq!(pages.download, DOWNLOAD_MOST / 2, "a slow phone, too, wants smaller pages");
        for _ in 0..30 {
            pages.broke_off();
        }
        assert_eq!(pages, Pages { download: DOWNLOAD_LEAST, upload: UPLOAD_LEAST });
    }
}
