//! Sets that grow together.

/// Numbers from 0, each at first in a set of its own.
#[derive(Clone, Debug)]
pub struct Union {
    parents: Vec<u32>,
}

impl Union {
    /// `length` numbers, each alone.
    pub fn new(length: usize) -> Self {
        Self { parents: (0..u32::try_from(length).unwrap_or(u32::MAX)).collect() }
    }

    fn parent(&self, at: u32) -> u32 {
        self.parents.get(at as usize).copied().unwrap_or(at)
    }

    fn set(&mut self, at: u32, parent: u32) {
        if let Some(place) = self.parents.get_mut(at as usize) {
            *place = parent;
        }
    }

    /// The least number of the set in which `at` is.
    pub fn find(&mut self, mut at: u32) -> u32 {
        loop {
            let parent = self.parent(at);
            if parent == at {
                return at;
            }
            let above = self.parent(parent);
            self.set(at, above);
            at = above;
        }
    }

    /// Makes one set of the sets of both.
    pub fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.find(one), self.find(other));
        self.set(one.max(other), one.min(other));
    }
}
