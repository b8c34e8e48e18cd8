namespace Durability.Scenarios;

/// <summary>What can happen to a file behind everyone's back.</summary>
static class Damage
{
    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["a bit flipped", "cut in half", "emptied", "lengthened", "removed"];

    /// <summary>Does it. A flipped bit keeps the time stamp, as a disk that forgets does.</summary>
    /// <exception cref="InvalidOperationException">The file is too small to be damaged so.</exception>
    public static void Do(string file, string kind)
    {
        var bytes = File.ReadAllBytes(file);
        if (bytes.Length < 2)
        {
            throw new InvalidOperationException($"{file} holds {bytes.Length} bytes.");
        }

        switch (kind)
        {
            case "a bit flipped":
                var stamp = File.GetLastWriteTimeUtc(file);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                File.SetLastWriteTimeUtc(file, stamp);
                break;
            case "cut in half":
                File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
                break;
            case "emptied":
                File.WriteAllBytes(file, []);
                break;
            case "lengthened":
                File.WriteAllBytes(file, [.. bytes, 0]);
                break;
            case "removed":
                File.Delete(file);
                break;
            default:
                throw new ArgumentException($"no damage '{kind}'");
        }
    }
}
