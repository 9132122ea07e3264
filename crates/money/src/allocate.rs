//! Splitting a whole so that the parts sum to it.

/// Splits `total` in proportion to the weights by largest remainder: each part is cut toward zero, and what is left
/// goes, one unit each, to the parts that lost most; of equal ones the earlier first. A negative total is split like
/// its opposite. Nothing when a weight is negative or all are zero.
pub fn allocate(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
    if weights.iter().any(|weight| *weight < 0) {
        return None;
    }
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return None;
    }
    let whole = i128::from(total).abs();
    let shares = weights.iter().map(|weight| whole * i128::from(*weight));
    let (mut parts, rests): (Vec<i128>, Vec<i128>) = shares.map(|share| (share / sum, share % sum)).unzip();
    let mut left = whole - parts.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..parts.len()).collect();
    by_loss.sort_by_key(|index| std::cmp::Reverse(rests[*index])); // stable: equal losses keep their order
    for index in by_loss {
        if left == 0 {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    let sign = i128::from(total.signum());
    parts.into_iter().map(|part| i64::try_from(part * sign).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_of_splits() {
        let table: [(i64, &[i64], &[i64]); 7] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (101, &[1, 1, 1], &[34, 34, 33]),
            (-100, &[1, 1, 1], &[-34, -33, -33]),
            (10, &[0, 3, 7], &[0, 3, 7]),
            (1, &[1, 2], &[0, 1]),
            (0, &[5, 5], &[0, 0]),
            (i64::MAX, &[i64::MAX], &[i64::MAX]),
        ];
        for (total, weights, parts) in table {
            assert_eq!(allocate(total, weights).as_deref(), Some(parts), "{total} by {weights:?}");
        }
    }

    #[test]
    fn nothing_to_split_by() {
        assert_eq!(allocate(10, &[]), None);
        assert_eq!(allocate(10, &[0, 0]), None);
        assert_eq!(allocate(10, &[2, -1]), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_stay_within_one_of_their_share(
            total: i64, weights in proptest::collection::vec(0_i64.., 1..20),
        ) {
            let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            prop_assume!(sum > 0);
            let parts = allocate(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
            for (part, weight) in parts.iter().zip(&weights) {
                let floor = i128::from(total).abs() * i128::from(*weight) / sum;
                let part = i128::from(*part).abs();
                prop_assert!(part == floor || part == floor + 1);
                prop_assert!(*weight > 0 || part == 0);
            }
        }
    }
}
