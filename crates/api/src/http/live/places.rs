use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts what is open: in all, and by whom.
pub(crate) struct Places {
    most: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<String, usize>,
}

/// A place, given back when it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    whose: String,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The process has as many as it takes.
    Process,
    /// This one has their share.
    Share,
}

impl Places {
    pub(crate) fn new(most: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { most, each, taken: Mutex::default() })
    }

    /// A place for this one.
    pub(crate) fn enter(self: &Arc<Self>, whose: String) -> Result<Place, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.most {
            return Err(Full::Process);
        }
        taken.count(&whose, self.each)?;
        taken.all += 1;
        Ok(Place { places: Arc::clone(self), whose })
    }
}

impl Place {
    /// It turned out whose it is.
    pub(crate) fn give_to(&mut self, whose: String) -> Result<(), Full> {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.count(&whose, self.places.each)?;
        taken.leave(&self.whose);
        self.whose = whose;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        taken.leave(&self.whose);
    }
}

impl Taken {
    fn count(&mut self, whose: &str, each: usize) -> Result<(), Full> {
        match self.by.get_mut(whose) {
            Some(count) if *count >= each => return Err(Full::Share),
            Some(count) => *count += 1,
            None => {
                self.by.insert(whose.to_owned(), 1);
            }
        }
        Ok(())
    }

    fn leave(&mut self, whose: &str) {
        if let Some(count) = self.by.get_mut(whose) {
            *count -= 1;
            if *count == 0 {
                self.by.remove(whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_whom_and_given_back() {
        let places = Places::new(3, 2);
        let enter = |whose: &str| places.enter(whose.to_owned());
        let mut first = enter("a").unwrap();
        let second = enter("a").unwrap();
        assert_eq!(enter("a").err(), Some(Full::Share));
        first.give_to("b".to_owned()).unwrap();
        let third = enter("a").unwrap();
        assert_eq!(enter("c").err(), Some(Full::Process));
        assert_eq!(first.give_to("a".to_owned()), Err(Full::Share));
        drop((first, second, third));
        assert!(places.taken.lock().unwrap().by.is_empty());
        assert!(enter("a").is_ok());
    }
}
