using System.Buffers.Binary;

namespace Workflow.Tests.Ledger;

/// <summary>Reads the log beside a database by SQLite's file format: how many transactions were committed into it.</summary>
static class WalFrames
{
    /// <summary>Frames that end a transaction (their "size of the database after the commit" is not 0), up to the first that belongs to an older log.</summary>
    public static int Commits(string database)
    {
        using var file = new FileStream(database + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        var bytes = copy.ToArray().AsSpan();
        if (bytes.Length < 32)
        {
            return 0;
        }

        var page = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        var salts = bytes[16..24];
        var commits = 0;
        for (var at = 32; at + 24 + page <= bytes.Length && bytes.Slice(at + 8, 8).SequenceEqual(salts); at += 24 + page)
        {
            commits += BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 4)..]) != 0 ? 1 : 0;
        }

        return commits;
    }
}
