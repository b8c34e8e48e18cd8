namespace DataPrep.Text.WordPiece;

/// <summary>A token that is found in the raw text before anything is normalized: "[MASK]".</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
/// <param name="Special">Special tokens are skipped when ids are decoded.</param>
/// <param name="SingleWord">Only found where no letter, digit or underscore stands beside it.</param>
public sealed record AddedToken(int Id, string Content, bool Special = true, bool SingleWord = false);
