namespace DataPrep.Cleaning;

/// <summary>What happens to a document with the content of an earlier one.</summary>
public enum DuplicatePolicy
{
    /// <summary>It stays, and is listed as a duplicate.</summary>
    Keep,

    /// <summary>It becomes a reject.</summary>
    Drop,
}
