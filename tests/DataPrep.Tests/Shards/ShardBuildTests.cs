using DataPrep.Shards;
using DataPrep.Tables;

namespace DataPrep.Tests.Shards;

public sealed class ShardBuildTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("shards-").FullName;
    readonly DuckDbTableStore store = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    ShardInputs Inputs(int count)
    {
        RowTables.Documents.Write(store, At("documents.parquet"), Enumerable.Range(0, count).Select(i => new Document($"d{i:D4}", $"Title {i}", $"Content of {i}", "en", "a.jsonl", i, $"{i:x32}", $"g{i % 7}")));
        RowTables.Pairs.Write(store, At("pairs.parquet"), Enumerable.Range(0, count).Select(i =>
            new Pair($"q{i:D4}", $"Title {i}", $"d{i:D4}", i % 3 == 0 ? $"Cut {i}" : null, i % 2 == 0 ? "title" : "crop", i % 10 == 9 ? "dev" : "train")));
        RowTables.Duplicates.Write(store, At("duplicates.parquet"), [new Duplicate("d0001", "d0001", "exact"), new Duplicate("d0002", "d0001", "exact")]);
        RowTables.Negatives.Write(store, At("negatives.parquet"), Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(1, 4).Reverse().Select(n =>
            new Negative($"q{i:D4}", $"d{i:D4}", $"d{(i + n) % count:D4}", 5 - n, 9, n, "bm25", "range 0-10", "bm25:ab"))));
        return new ShardInputs([At("pairs.parquet")], [At("documents.parquet")], [At("duplicates.parquet")], [At("negatives.parquet")]);
    }

    string At(string name) => Path.Combine(folder, name);

    List<TrainingRow> Build(ShardInputs inputs, ShardOptions options, out List<ShardPassage> passages)
    {
        var rows = new List<TrainingRow>();
        passages = [];
        for (var p = 0; p < options.Partitions; p++)
        {
            var outFolder = Directory.CreateDirectory(At($"out-{options.Partitions}-{options.RowsPerShard}-{options.Passage}-{p}")).FullName;
            ShardBuild.Run(store, inputs, options, p, 17, outFolder);
            var files = Directory.GetFiles(outFolder).ToDictionary(f => Path.GetFileName(f)!);
            foreach (var (shardRows, shardPassages) in ShardReader.Read(store, files))
            {
                Assert.All(shardRows, r => Assert.Equal(r.DocId, shardPassages[(int)r.PositivePassage].DocId));
                rows.AddRange(shardRows.Select(r => r with { NegativePassages = [.. r.NegativePassages.Select(n => long.Parse(shardPassages[(int)n].DocId[1..]))], PositivePassage = 0 }));
                passages.AddRange(shardPassages);
            }
        }

        return rows;
    }

    [Fact]
    public void Shards_HoldTheSameOrder_WhateverThePartitionsAndSizes()
    {
        var inputs = Inputs(200);
        var one = Build(inputs, new ShardOptions { Partitions = 1, Negatives = 2 }, out _);
        var many = Build(inputs, new ShardOptions { Partitions = 3, RowsPerShard = 17, Negatives = 2 }, out _);
        Assert.Equal(180, one.Count);
        Assert.Equal(Enumerable.Range(0, 180).Select(i => (long)i), one.Select(r => r.Ordinal));
        Assert.Equal(one.Select(Text), many.Select(Text));
        Assert.NotEqual(one.Select(r => r.QueryId), one.Select(r => r.QueryId).Order());

        static string Text(TrainingRow r) => $"{r with { NegativePassages = [] }} {string.Join(",", r.NegativePassages)}";
    }

    [Fact]
    public void Rows_CarryBestNegatives_SourceAndGuide()
    {
        var rows = Build(Inputs(50), new ShardOptions { Partitions = 2, Negatives = 2 }, out var passages);
        Assert.All(rows, r =>
        {
            var i = int.Parse(r.QueryId[1..]);
            Assert.Equal([(i + 1) % 50, (i + 2) % 50], r.NegativePassages);
            Assert.Equal(("a.jsonl", (long)i, "bm25", "bm25:ab"), (r.Source, r.SourceRow, r.Miner, r.Guide));
            Assert.Equal(i % 3 == 0 ? $"Cut {i}" : null, r.Positive);
        });
        Assert.All(passages.Where(p => p.DocId is "d0001" or "d0002"), p => Assert.Equal("d0001", p.Cluster));
    }

    [Fact]
    public void TitleRows_NeverSeeTitles_WhenPassagesCarryThem()
    {
        var inputs = Inputs(50);
        Build(inputs, new ShardOptions { Partitions = 1, Passage = PassageText.TitleContent }, out var passages);
        Assert.Contains(passages, p => p.Text.StartsWith("Title", StringComparison.Ordinal));
        foreach (var (rows, shard) in ShardReader.Read(store, Directory.GetFiles(At("out-1-65536-TitleContent-0")).ToDictionary(f => Path.GetFileName(f)!)))
        {
            Assert.All(rows, r => Assert.All(r.NegativePassages.Append(r.PositivePassage),
                n => Assert.Equal(r.Generator != "title", shard[(int)n].Text.StartsWith("Title", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public void Build_NamesTheDocument_WhenItIsMissing()
    {
        var inputs = Inputs(20);
        RowTables.Documents.Write(store, At("few.parquet"), [new Document("d0000", "t", "c", "en", "a", 0, "00", "g")]);
        var fault = Assert.Throws<DataPrepException>(() => Build(inputs with { Documents = [At("few.parquet")] }, new ShardOptions { Partitions = 1 }, out _));
        Assert.Contains("not among the documents", fault.Message);
    }
}
