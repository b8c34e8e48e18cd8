using System.Security.Cryptography;

namespace DataPrep.Readers;

/// <summary>A file of a corpus.</summary>
/// <param name="Path">Where it lies on this machine; never published.</param>
/// <param name="Name">Name relative to its source's root, with forward slashes: what rows carry.</param>
/// <param name="Hash">Lower-case hex SHA-256 that its bytes must have; null where any bytes will do.</param>
public sealed record CorpusFile(string Path, string Name, string? Hash = null)
{
    /// <summary>Position of the source that named the file among the sources; files of an earlier one come first in the corpus.</summary>
    public int Source { get; init; }

    /// <summary>Opens the file, unpacked where its name ends in .gz.</summary>
    /// <exception cref="DataPrepException">It is missing, may not be read, or has other bytes than <see cref="Hash"/> says; reading on, a truncated or damaged .gz.</exception>
    public Stream Open()
    {
        try
        {
            var file = new FileStream(Path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 1 << 16, Options = FileOptions.SequentialScan });
            try
            {
                Verify(file);
                return Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GzipContent(file, Name) : file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataPrepException($"'{Path}' cannot be read: {e.Message} Check the path and its permissions.", e);
        }
    }

    void Verify(FileStream file)
    {
        if (Hash is null)
        {
            return;
        }

        var found = Convert.ToHexStringLower(SHA256.HashData(file));
        if (found != Hash)
        {
            throw new DataPrepException($"'{Path}' changed since the run was planned: SHA-256 {found[..12]}..., planned {Hash[..Math.Min(12, Hash.Length)]}.... Start a new run to take the new bytes in.");
        }

        file.Position = 0;
    }
}
