use crate::words::words;

words! {
    /// A network on which an asset is sent. The same asset lives on several, and their addresses look alike.
    CryptoNetwork {
        /// Bitcoin.
        Bitcoin = "BITCOIN",
        /// Ethereum.
        Ethereum = "ETHEREUM",
        /// Arbitrum One.
        Arbitrum = "ARBITRUM",
        /// Base.
        Base = "BASE",
        /// BNB Smart Chain.
        BnbSmartChain = "BNB_SMART_CHAIN",
        /// OP Mainnet.
        Optimism = "OPTIMISM",
        /// Polygon PoS.
        Polygon = "POLYGON",
        /// Solana.
        Solana = "SOLANA",
        /// TRON.
        Tron = "TRON",
    }
}

impl CryptoNetwork {
    /// How people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bitcoin => "Bitcoin",
            Self::Ethereum => "Ethereum",
            Self::Arbitrum => "Arbitrum",
            Self::Base => "Base",
            Self::BnbSmartChain => "BNB Smart Chain",
            Self::Optimism => "Optimism",
            Self::Polygon => "Polygon",
            Self::Solana => "Solana",
            Self::Tron => "TRON",
        }
    }
}
