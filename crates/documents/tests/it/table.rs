use crate::samples::{invoice, statement};

#[test]
fn tables_have_a_row_for_each_line_and_sum() {
    let csv = String::from_utf8(statement(0).to_csv().unwrap()).unwrap();
    let rows: Vec<_> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows[0], "document,entry,date,what,detail,amount,currency");
    assert_eq!(rows[1], "ST-2026-11-0042,OPENING,2026-11-01,Opening balance,,1042.17,EUR");
    assert_eq!(
        rows[2],
        "ST-2026-11-0042,LINE,2026-11-02,Reward for a sale,\"Sale inv_20261102-18, 30 % of 99.99 EUR\",30.00,EUR"
    );
    assert_eq!(
        rows[6..],
        [
            "ST-2026-11-0042,IN,,Total in,,280.00,EUR",
            "ST-2026-11-0042,OUT,,Total out,,-1212.50,EUR",
            "ST-2026-11-0042,CLOSING,2026-11-30,Closing balance,,109.67,EUR",
        ]
    );

    let csv = String::from_utf8(invoice().to_csv().unwrap()).unwrap();
    let rows: Vec<_> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows[2], "SB-2026-0017,LINE,2026-11-30,'=SUM(A1:A9),,-34.56,EUR");
    assert_eq!(
        rows[3..],
        [
            "SB-2026-0017,NET,,Net,,1200.00,EUR",
            "SB-2026-0017,TAX,,VAT 19 %,1200.00,228.00,EUR",
            "SB-2026-0017,TOTAL,2026-11-30,Total,,1428.00,EUR",
        ]
    );
}
