using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

/// <summary>What every corpus reader must do; one class derives it per format.</summary>
public abstract class CorpusReaderContract : IDisposable
{
    protected CorpusReaderContract() => Folder = Directory.CreateTempSubdirectory("reader-").FullName;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Folder { get; }

    protected abstract ICorpusReader Reader { get; }

    /// <summary>A file with a row for each of <see cref="Expected"/>, among them texts beyond ASCII.</summary>
    protected abstract string Sample { get; }

    protected abstract IReadOnlyList<RawDocument> Expected { get; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(Folder, recursive: true);
    }

    [Fact]
    public void Reader_IsInTheTable_UnderItsFormat() => Assert.Equal(Reader.GetType(), ReaderTable.Get(Reader.Format).GetType());

    [Fact]
    public void Read_GivesEveryRowInOrder()
    {
        var rows = Rows(File("sample.x", Encoding.UTF8.GetBytes(Sample)));
        Assert.Equal(Expected, rows.Select(r => r.Document!));
        Assert.Equal(rows.Select(r => r.Row).Order().Distinct(), rows.Select(r => r.Row));
    }

    [Fact]
    public void Read_TakesByteOrderMarkAndDosLineEnds()
    {
        var rows = Rows(File("sample.x", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Sample.Replace("\n", "\r\n"))]));
        Assert.Equal(Expected.Select(d => d.Id), rows.Select(r => r.Document!.Id));
    }

    [Fact]
    public void Read_GivesTheSame_FromGz()
    {
        Assert.Equal(Expected, Rows(File("sample.x.gz", Gzip(Encoding.UTF8.GetBytes(Sample)))).Select(r => r.Document!));
        Assert.Equal(Expected, Rows(File("two.x.gz", [.. Gzip(Encoding.UTF8.GetBytes(Sample[..20])), .. Gzip(Encoding.UTF8.GetBytes(Sample[20..]))])).Select(r => r.Document!));
    }

    [Fact]
    public void Read_IsAnErrorThatNamesTheFileAndHowFarItGot_WhenAGzIsTruncatedAnywhere()
    {
        var whole = Gzip(Encoding.UTF8.GetBytes(Sample));
        for (var length = 0; length < whole.Length; length += length < 24 || length > whole.Length - 16 ? 1 : 37)
        {
            var e = Assert.Throws<DataPrepException>(() => Rows(File("cut.x.gz", whole[..length])));
            Assert.Contains("'cut.x.gz' is a truncated or damaged gzip file", e.Message);
            Assert.Contains($"of {length}", e.Message);
        }

        var damaged = (byte[])whole.Clone();
        damaged[^6] ^= 1;
        Assert.Throws<DataPrepException>(() => Rows(File("crc.x.gz", damaged)));
    }

    [Fact]
    public void Read_IsAnError_WhenTheFileIsMissingOrChanged()
    {
        Assert.Contains("none.x", Assert.Throws<DataPrepException>(() => Rows(new CorpusFile(Path.Combine(Folder, "none.x"), "none.x"))).Message);
        var bytes = Encoding.UTF8.GetBytes(Sample);
        var file = File("sample.x", bytes);
        Assert.Equal(Expected, Rows(file with { Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)) }).Select(r => r.Document!));
        Assert.Contains("changed since", Assert.Throws<DataPrepException>(() => Rows(file with { Hash = new string('0', 64) })).Message);
    }

    protected static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    protected CorpusFile File(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return new CorpusFile(path, name);
    }

    protected List<RawRow> Rows(CorpusFile file, ReaderOptions? options = null) => [.. Reader.Read(file, options ?? new ReaderOptions(), Token)];

    protected List<RawRow> Rows(string content, ReaderOptions? options = null) => Rows(File("given.x", Encoding.UTF8.GetBytes(content)), options);
}
