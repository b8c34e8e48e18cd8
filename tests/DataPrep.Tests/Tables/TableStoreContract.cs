using DataPrep.Tables;

namespace DataPrep.Tests.Tables;

/// <summary>What every table adapter must do; one class derives it per adapter.</summary>
public abstract class TableStoreContract : IDisposable
{
    static readonly TableSchema Every = new(
    [
        new("text", ColumnType.String), new("i32", ColumnType.Int32), new("i64", ColumnType.Int64), new("f32", ColumnType.Float32), new("f64", ColumnType.Float64),
        new("longs", ColumnType.Int64List), new("floats", ColumnType.Float32List), new("texts", ColumnType.StringList),
        new("vectors", ColumnType.Vector),
    ]);

    protected TableStoreContract() => Folder = Directory.CreateTempSubdirectory("tables-").FullName;

    protected string Folder { get; }

    protected abstract ITableStore Store { get; }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(Folder, recursive: true);
    }

    [Fact]
    public void Read_GivesBackEveryValue_ForEveryType()
    {
        var batch = new ColumnBatch(4,
        [
            new string?[] { "", null, "twelve bytes", "longer than twelve bytes: Größe 𝄞 漢字" },
            new[] { 0, int.MinValue, int.MaxValue, -1 },
            new[] { 0, long.MinValue, long.MaxValue, -1 },
            new[] { 0f, -0f, float.MaxValue, float.NegativeInfinity },
            new[] { 0d, double.Epsilon, double.NaN, Math.PI },
            new long[]?[] { [], null, [1], [1, 2, 3] },
            new float[]?[] { [1.5f], [], null, [float.NaN, 2] },
            new string[]?[] { ["a"], [""], [], ["a much longer text than twelve", "ü"] },
            new float[][] { [1.5f], [], [float.NaN, -0f, float.MaxValue], [1, 2, 3, 4, 5] },
        ]);
        var path = Path.Combine(Folder, "every.parquet");
        var file = Store.Write(path, Every, [batch], Token);
        Assert.Equal(("every.parquet", 4L), (file.Name, file.Rows));
        var read = Assert.Single(Store.Read(path, Every, Token));
        for (var c = 0; c < Every.Columns.Count; c++)
        {
            Assert.Equal(batch.Values[c], read.Values[c]);
        }
    }

    [Fact]
    public void Read_KeepsFileOrder_OverManyRowGroups()
    {
        const int rows = 70_001;
        var path = Path.Combine(Folder, "many.parquet");
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        var file = Store.Write(path, schema, Numbered(rows, 999), Token);
        Assert.Equal(rows, file.Rows);
        var expected = 0L;
        foreach (var batch in Store.Read(path, schema, Token))
        {
            for (var i = 0; i < batch.Rows; i++, expected++)
            {
                Assert.Equal(expected, ((long[])batch.Values[0])[i]);
                Assert.Equal(Text(expected), ((string?[])batch.Values[1])[i]);
                Assert.Equal(List(expected), ((long[]?[])batch.Values[2])[i]);
            }
        }

        Assert.Equal(rows, expected);
    }

    [Fact]
    public void Write_GivesEqualBytesAndHash_WhateverTheBatches()
    {
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        var a = Store.Write(Path.Combine(Folder, "a.parquet"), schema, Numbered(50_000, 777), Token);
        var b = Store.Write(Path.Combine(Folder, "b.parquet"), schema, Numbered(50_000, 4096), Token);
        Assert.Equal(a.LogicalHash, b.LogicalHash);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Folder, "a.parquet")), File.ReadAllBytes(Path.Combine(Folder, "b.parquet")));
        var c = Store.Write(Path.Combine(Folder, "c.parquet"), schema, Numbered(49_999, 4096), Token);
        Assert.NotEqual(a.LogicalHash, c.LogicalHash);
    }

    [Fact]
    public void Write_HashesCanonicalRows_AsDocumented()
    {
        var schema = new TableSchema([new("t", ColumnType.String), new("n", ColumnType.Int32)]);
        var file = Store.Write(Path.Combine(Folder, "h.parquet"), schema, [new ColumnBatch(2, [new string?[] { "é", null }, new[] { 1, -2 }])], Token);
        byte[] canonical = [.. "t:String\nn:Int32\n"u8, 1, 2, 0, 0, 0, 0xC3, 0xA9, 1, 1, 0, 0, 0, 0, 1, 0xFE, 0xFF, 0xFF, 0xFF];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(canonical)), file.LogicalHash);
    }

    [Fact]
    public void Write_MakesAReadableFile_WithoutRows()
    {
        var path = Path.Combine(Folder, "empty.parquet");
        Assert.Equal(0, Store.Write(path, Every, [], Token).Rows);
        Assert.Empty(Store.Read(path, Every, Token));
    }

    [Fact]
    public void Read_TakesSomeColumns_InTheOrderAsked()
    {
        var path = Path.Combine(Folder, "some.parquet");
        Store.Write(path, new([new("a", ColumnType.Int32), new("b", ColumnType.String)]), [new ColumnBatch(1, [new[] { 7 }, new string?[] { "x" }])], Token);
        var batch = Assert.Single(Store.Read(path, new([new("b", ColumnType.String), new("a", ColumnType.Int32)]), Token));
        Assert.Equal(new string?[] { "x" }, batch.Values[0]);
        Assert.Equal(new[] { 7 }, batch.Values[1]);
    }

    [Theory]
    [InlineData("a [b] *c? 'd' =e.parquet")]
    [InlineData("k=1 {x} ü %20.parquet")]
    public void Store_TakesAnyFileName(string name)
    {
        var path = Path.Combine(Folder, name);
        var schema = new TableSchema([new("a", ColumnType.Int32)]);
        Store.Write(path, schema, [new ColumnBatch(1, [new[] { 7 }])], Token);
        Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(new[] { 7 }, Assert.Single(Store.Read(path, schema, Token)).Values[0]);
    }

    [Fact]
    public void Read_NamesFileFoundAndExpected_WhenAColumnIsMissingOrOfAnotherType()
    {
        var path = Path.Combine(Folder, "other.parquet");
        Store.Write(path, new([new("a", ColumnType.Int32)]), [new ColumnBatch(1, [new[] { 7 }])], Token);
        var missing = Assert.Throws<DataPrepException>(() => Store.Read(path, new([new("b", ColumnType.Int32)]), Token).ToList());
        Assert.Contains(path, missing.Message);
        Assert.Contains("no column 'b'", missing.Message);
        var other = Assert.Throws<DataPrepException>(() => Store.Read(path, new([new("a", ColumnType.String)]), Token).ToList());
        Assert.Contains("'a' is Int32, expected String", other.Message);
    }

    [Fact]
    public void Read_IsAClearError_WhenTheFileIsMissing()
    {
        var path = Path.Combine(Folder, "none.parquet");
        var e = Assert.Throws<DataPrepException>(() => Store.Read(path, new([new("a", ColumnType.Int32)]), Token).ToList());
        Assert.Contains($"'{path}' does not exist", e.Message);
    }

    [Fact]
    public void Read_IsAClearError_WhenTheFileIsCutOrOverwritten()
    {
        var path = Path.Combine(Folder, "whole.parquet");
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        Store.Write(path, schema, Numbered(5000, 1000), Token);
        var whole = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 3, 4, 100, whole.Length / 2, whole.Length - 1 })
        {
            var cut = Path.Combine(Folder, $"cut-{length}.parquet");
            File.WriteAllBytes(cut, whole[..length]);
            var e = Assert.Throws<DataPrepException>(() => Store.Read(cut, schema, Token).ToList());
            Assert.Contains(cut, e.Message);
        }

        var damaged = Path.Combine(Folder, "damaged.parquet");
        var bytes = (byte[])whole.Clone();
        Array.Fill(bytes, (byte)0xFF, 64, 2000);
        File.WriteAllBytes(damaged, bytes);
        Assert.Contains(damaged, Assert.Throws<DataPrepException>(() => Store.Read(damaged, schema, Token).ToList()).Message);
    }

    [Fact]
    public void Write_LeavesNoFile_WhenTheRowsFail()
    {
        var path = Path.Combine(Folder, "half.parquet");
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        Assert.Throws<InvalidOperationException>(() => Store.Write(path, schema, Numbered(5000, 100).Select((b, i) => i < 30 ? b : throw new InvalidOperationException("row source")), Token));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        Assert.Contains("surrogate", Assert.Throws<DataPrepException>(() => Store.Write(path, new([new("t", ColumnType.String)]), [new ColumnBatch(1, [new[] { "a\uD800" }])], Token)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Write_IsAClearErrorAndLeavesNoFile_WhenTheDiskIsFull()
    {
        using var disk = SmallDisk.Mount(1 << 20);
        var path = Path.Combine(disk.Folder, "big.parquet");
        var noise = new Noise(1);
        var schema = new TableSchema([new("n", ColumnType.Int64)]);
        var e = Assert.Throws<DataPrepException>(() => Store.Write(path, schema, Enumerable.Range(0, 300).Select(_ => new ColumnBatch(2000, [Enumerable.Range(0, 2000).Select(_ => noise.Next()).ToArray()])), Token));
        Assert.Contains(path, e.Message);
        Assert.Contains("space", e.Message);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Folder));
    }

    [Fact]
    public void Store_Stops_WhenCancelled()
    {
        using var source = new CancellationTokenSource();
        var path = Path.Combine(Folder, "stop.parquet");
        var schema = new TableSchema([new("n", ColumnType.Int64), new("text", ColumnType.String), new("list", ColumnType.Int64List)]);
        Assert.Throws<OperationCanceledException>(() => Store.Write(path, schema, Numbered(50_000, 100).Select((b, i) =>
        {
            if (i == 3)
            {
                source.Cancel();
            }

            return b;
        }), source.Token));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    protected static IEnumerable<ColumnBatch> Numbered(int rows, int batch)
    {
        for (var at = 0; at < rows; at += batch)
        {
            var n = Math.Min(batch, rows - at);
            var ids = Enumerable.Range(at, n).Select(i => (long)i).ToArray();
            yield return new ColumnBatch(n, [ids, ids.Select(Text).ToArray(), ids.Select(List).ToArray()]);
        }
    }

    static string? Text(long n) => n % 7 == 0 ? null : n % 3 == 0 ? $"short {n}" : $"a text that is longer than twelve bytes, number {n}";

    static long[]? List(long n) => n % 11 == 0 ? null : [.. Enumerable.Range(0, (int)(n % 4)).Select(i => n * i)];
}
