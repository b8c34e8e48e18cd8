namespace DataPrep.Text.Bpe;

/// <summary>Patterns that split text into words.</summary>
public enum BpeWords
{
    /// <summary>GPT-2's, as in RoBERTa and ModernBERT: words with the blank before them, runs of digits, runs of other characters.</summary>
    Gpt2,

    /// <summary>GPT-4's, as in Llama 3: numbers by three digits, line ends apart from other white space, a sign goes with the word after it.</summary>
    Llama3,

    /// <summary>The same with single digits, as in Qwen 2 and 3.</summary>
    Qwen,
}
