//! Help for who saved over a version that somebody else had changed: which fields were touched, and what
//! they say on either side.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::submission::compare;

/// What a client needs to put its change into what somebody else saved meanwhile: of the fields that it
/// touched, and of no others.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Merge {
    /// Whether the version that the change was made from is known; of a very old one nothing is.
    pub base_known: bool,
    /// The fields that the change touches. Where `theirs` is `base`, nobody else has.
    pub fields: Vec<Touched>,
}

/// A field that was touched. What is not there on one side is left out of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Touched {
    /// JSON pointer to the field, in the document that the change is made to.
    #[schema(example = "/texts/summary")]
    pub pointer: String,
    /// What the change would have saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yours: Option<Value>,
    /// What is saved now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// What was saved when the change was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
}

impl Merge {
    /// Compares what `yours` makes of `base` with `theirs`. Without a base everything in which the two
    /// sides differ counts as touched.
    pub fn new(base: Option<&Value>, yours: &Value, theirs: &Value) -> Merge {
        let mut pointers = Vec::new();
        // Of a list of things with ids the fields are told, as long as all sides hold the same things in the
        // same order; any other list is replaced whole, and is one field.
        let by_place = |at: &str, one: &[Value], other: &[Value]| {
            let theirs = theirs.pointer(at).and_then(Value::as_array);
            let same = |list: &[Value]| ids(one).is_some_and(|of_one| ids(list) == Some(of_one));
            same(other) && theirs.is_some_and(|theirs| same(theirs))
        };
        compare("", base.unwrap_or(theirs), yours, &by_place, &mut pointers);
        let fields = pointers.into_iter().map(|pointer| Touched {
            yours: yours.pointer(&pointer).cloned(),
            theirs: theirs.pointer(&pointer).cloned(),
            base: base.and_then(|base| base.pointer(&pointer)).cloned(),
            pointer,
        });
        Merge {
            base_known: base.is_some(),
            fields: fields.collect(),
        }
    }
}

/// The ids of a list of things that have some.
fn ids(list: &[Value]) -> Option<Vec<&str>> {
    let ids: Option<Vec<&str>> = list.iter().map(|thing| thing.get("id")?.as_str()).collect();
    ids.filter(|ids| !ids.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::sample;
    use kernel::Amount;

    fn document(change: impl FnOnce(&mut Content)) -> Value {
        let mut content = sample::content();
        change(&mut content);
        serde_json::to_value(content).unwrap()
    }

    fn pointers(merge: &Merge) -> Vec<&str> {
        let mut all: Vec<&str> = merge.fields.iter().map(|f| f.pointer.as_str()).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn only_what_the_change_touches_is_told() {
        let base = document(|_| ());
        let yours = document(|content| {
            content.title = "Mine".into();
            content.keywords.push("second".into());
            content.partners[1].organisation = "Mine".into();
            content.texts.insert("more".into(), "Mine".into());
        });
        let theirs = document(|content| {
            content.title = "Theirs".into();
            content.abstract_text = "Nobody else's business".into();
            content.partners[1].budget.clear();
        });
        let merge = Merge::new(Some(&base), &yours, &theirs);
        let touched = [
            "/keywords",
            "/partners/1/organisation",
            "/texts/more",
            "/title",
        ];
        assert_eq!(pointers(&merge), touched);
        let field = |at: &str| {
            merge
                .fields
                .iter()
                .find(|field| field.pointer == at)
                .unwrap()
        };
        let title = field("/title");
        let text = |side: &Option<Value>| side.as_ref().unwrap().as_str().unwrap().to_owned();
        assert_eq!(text(&title.yours), "Mine");
        assert_eq!(text(&title.theirs), "Theirs");
        assert_eq!(text(&title.base), "A rehearsal");
        // What one side does not have is left out of it.
        let more = serde_json::to_value(field("/texts/more")).unwrap();
        assert_eq!(
            more,
            serde_json::json!({"pointer": "/texts/more", "yours": "Mine"})
        );
        let told = serde_json::to_string(&merge).unwrap();
        assert!(!told.contains("business"), "{told}");
    }

    #[test]
    fn partners_that_moved_are_one_field() {
        let base = document(|_| ());
        let yours = document(|content| content.partners[1].budget.clear());
        let theirs = document(|content| content.partners.swap(1, 2));
        let merge = Merge::new(Some(&base), &yours, &theirs);
        assert_eq!(pointers(&merge), ["/partners"]);
    }

    #[test]
    fn without_a_base_what_differs_is_told() {
        let yours = document(|content| content.acronym = "MINE".into());
        let theirs = document(|content| {
            content.partners[0]
                .budget
                .values_mut()
                .for_each(|years| *years = vec![Amount(1)])
        });
        let merge = Merge::new(None, &yours, &theirs);
        assert!(!merge.base_known);
        assert!(pointers(&merge).contains(&"/acronym"));
        assert!(merge.fields.iter().all(|field| field.base.is_none()));
    }
}
