using System.Text;

namespace DataPrep.Text.WordPiece;

/// <summary>Lower case of one code point as Rust's char::to_lowercase gives it (Unicode 17; U+0130, which becomes two, excepted).</summary>
static class BertLowercase
{
    public static int Of(int codePoint) => codePoint switch
    {
        < 0x80 => codePoint is >= 'A' and <= 'Z' ? codePoint + 32 : codePoint,
        // Capitals of Unicode 17, which the runtime may not know yet.
        0xA7CE or 0xA7D2 or 0xA7D4 => codePoint + 1,
        >= 0x16EA0 and <= 0x16EB8 => codePoint + 0x1B,
        >= 0xD800 and <= 0xDFFF => codePoint,
        _ => Rune.ToLowerInvariant(new Rune(codePoint)).Value,
    };
}
