namespace Trainer.Tests;

/// <summary>A file that a fuzz loop fills again and again.</summary>
static class FuzzFile
{
    /// <summary>Gives a file these bytes, in place: some file systems write a file to disk at once when it is emptied first.</summary>
    public static void Put(string path, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(path, FileMode.OpenOrCreate);
        stream.Write(bytes);
        stream.SetLength(bytes.Length);
    }
}
