namespace DataPrep.Text;

/// <summary>Two texts as one input of a model that reads both, such as a cross-encoder.</summary>
/// <param name="Ids">Token ids, special tokens included.</param>
/// <param name="TypeIds">Segment of each token: BERT's token types, 0 for the first text and 1 for the second; all 0 for RoBERTa and XLM-R.</param>
public readonly record struct TokenPair(int[] Ids, int[] TypeIds);
