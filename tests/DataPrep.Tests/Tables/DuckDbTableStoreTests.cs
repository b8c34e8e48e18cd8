#if STACK_SYSTEM
using DataPrep.Tables;

namespace DataPrep.Tests.Tables;

public sealed class DuckDbTableStoreTests : TableStoreContract
{
    protected override ITableStore Store { get; } = new DuckDbTableStore();

    [Fact]
    public void Write_GivesEqualBytes_WhateverThreadsAndMemory()
    {
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        var token = TestContext.Current.CancellationToken;
        var scratch = Directory.CreateDirectory(Path.Combine(Folder, "scratch")).FullName;
        var files = new List<(DuckDbOptions Options, byte[] Bytes)>();
        foreach (var options in new[] { new DuckDbOptions { Threads = 1 }, new DuckDbOptions { Threads = 2 }, new DuckDbOptions { Threads = 4 }, new DuckDbOptions { Threads = 2, MemoryMiB = 40, Scratch = scratch } })
        {
            var path = Path.Combine(Folder, "x.parquet");
            new DuckDbTableStore(options).Write(path, schema, Numbered(400_000, 5000), token);
            files.Add((options, File.ReadAllBytes(path)));
        }

        Assert.All(files, f => Assert.Equal(files[0].Bytes, f.Bytes));
    }

    [Fact]
    public void Find_NamesThePlacesAndTheRemedy_WhenTheLibraryIsNowhere()
    {
        var e = Assert.Throws<DataPrepException>(() => DuckDbLibrary.Find(null, [Folder]));
        Assert.Contains(Folder, e.Message);
        Assert.Contains("npm ci", e.Message);
        Assert.Contains("/nowhere/x.so", Assert.Throws<DataPrepException>(() => DuckDbLibrary.Find("/nowhere/x.so", [])).Message);
    }
}
#endif
