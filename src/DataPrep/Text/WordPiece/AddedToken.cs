namespace DataPrep.Text.WordPiece;

/// <summary>A token that is found in the text before it is split into pieces: "[MASK]".</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
/// <param name="Special">Special tokens are skipped when ids are decoded.</param>
/// <param name="SingleWord">Only found where no letter, digit or underscore stands beside it.</param>
/// <param name="LeftStrip">Takes the white space before it along.</param>
/// <param name="RightStrip">Takes the white space after it along.</param>
/// <param name="Normalized">Found in normalized text, by its normalized spelling, instead of in the raw text.</param>
public sealed record AddedToken(int Id, string Content, bool Special = true, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false, bool Normalized = false);
