using System.Security.Cryptography;
using System.Text;

namespace DataPrep.Cleaning;

/// <summary>The hash by which equal texts are found.</summary>
public static class ContentHash
{
    /// <summary>Lower-case hex of the first 16 bytes of the SHA-256 of the text's UTF-8.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
