namespace DataPrep.Text.Unigram;

/// <summary>A Unicode normalization form.</summary>
enum UnicodeForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}
