//! Which countries there are.

/// The codes of ISO 3166-1, and `XK` (Kosovo), which banks use though the standard leaves it to them.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE \
    KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC \
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ \
    VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Countries whose accounts carry the IBAN of the first, while their banks may carry a BIC of their own.
const FAMILIES: [&str; 3] = ["FR BL GF GP MC MF MQ NC PF PM RE TF WF YT", "GB GG IM JE", "FI AX"];

/// The countries of the SEPA schemes, by the first two letters of their IBANs.
/// Source: EPC409-09, EPC list of SEPA scheme countries.
const SEPA: &str = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO \
    RS SE SI SK SM VA";

/// Whether SEPA credit transfers reach accounts whose IBAN begins with this code.
pub fn is_sepa(code: &str) -> bool {
    SEPA.split(' ').any(|known| known == code)
}

/// Whether there is a country of that code.
pub(crate) fn exists(code: &str) -> bool {
    CODES.split(' ').any(|known| known == code)
}

/// Whether a bank of the one country may keep an account whose IBAN is of the other.
pub(crate) fn are_one_for_banks(one: &str, other: &str) -> bool {
    let has = |family: &str, code: &str| family.split(' ').any(|known| known == code);
    one == other || FAMILIES.iter().any(|family| has(family, one) && has(family, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        let codes: Vec<_> = CODES.split(' ').collect();
        assert_eq!(codes.len(), 250);
        assert!(codes.is_sorted_by(|one, next| one < next));
        assert!(
            codes.iter().all(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
        );
        assert!(!exists("ZZ") && !exists("") && !exists("A"));
    }

    #[test]
    fn territories_bank_with_their_country() {
        assert!(
            are_one_for_banks("DE", "DE") && are_one_for_banks("GB", "JE") && are_one_for_banks("MQ", "FR")
        );
        assert!(!are_one_for_banks("DE", "AT") && !are_one_for_banks("GB", "FR"));
    }
}
