using System.Globalization;
using System.Text.Json;
using DataPrep.Tables;
using Trainer;
using Trainer.Encoders;
using Trainer.Heads;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>encode --heads on the golden XLM-RoBERTa with heads beside it, as BGE-M3 has them.</summary>
public sealed class EncodeHeadsTests : IDisposable
{
    static readonly TableSchema Schema = new(
    [
        new("id", ColumnType.String), new("sparse_ids", ColumnType.Int64List), new("sparse_weights", ColumnType.Float32List),
        new("colbert_vectors", ColumnType.Int64), new("colbert", ColumnType.Vector),
    ]);

    readonly string folder = Directory.CreateTempSubdirectory("workflow-heads-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Encode_WritesAllEmbeddingsOfOneForward_AsTheLibraryGivesThem()
    {
        var (model, texts) = (Model(pickled: true), Texts());

        var answer = await WorkflowProcess.RunAsync(
            folder, "encode", "--model", model, "--input", "texts.jsonl", "--output", "out.jsonl", "--heads", "dense,sparse,multi-vector", "--json");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        var golden = File.ReadLines(Shared("golden/xlmr-mini.embeddings.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var tokens = File.ReadLines(Shared("golden/xlmr-mini.tokens.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        using var library = MultiHeadModel.Load(FileSet.FromFolder(model));
        var expected = library.Encode(texts, null, library.Available, cancellationToken: TestContext.Current.CancellationToken);
        var rows = File.ReadLines(Path.Combine(folder, "out.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(texts.Count, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, dense) = (rows[i], golden[i].GetProperty("cls_normalized"));
            Assert.All(Floats(dense).Zip(Floats(row.GetProperty("embedding"))), p => Assert.Equal(p.First, p.Second, 1e-5f));
            var ids = tokens[i].GetProperty("ids").EnumerateArray().Select(v => v.GetInt32()).ToList();
            var sparse = row.GetProperty("sparse").EnumerateObject().Select(p => (int.Parse(p.Name, CultureInfo.InvariantCulture), p.Value.GetSingle())).ToArray();
            Assert.Equal(expected[i].Sparse!, sparse);
            Assert.All(sparse, p => Assert.True(ids.Contains(p.Item1) && p.Item1 > 3 && p.Item2 > 0));
            var vectors = row.GetProperty("colbert").EnumerateArray().Select(Floats).ToArray();
            Assert.Equal(ids.Count - 1, vectors.Length);
            Assert.Equal(expected[i].MultiVector!.SelectMany(v => v), vectors.SelectMany(v => v));
        }

        Assert.Contains(rows, row => row.GetProperty("sparse").EnumerateObject().Any());
        Assert.Equal("multi-vector", JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("heads")[2].GetString());
    }

    [Fact]
    public async Task Encode_WritesATableWithTheSameNumbers()
    {
        var (model, texts) = (Model(pickled: false), Texts());

        var answer = await WorkflowProcess.RunAsync(folder, "encode", "--model", model, "--input", "texts.jsonl", "--output", "out.parquet", "--heads", "sparse,multi-vector", "--role", "query");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        using var library = MultiHeadModel.Load(FileSet.FromFolder(model));
        var expected = library.Encode(texts, TextRole.Query, library.Available, cancellationToken: TestContext.Current.CancellationToken);
        var table = Composition.Tables().Read(Path.Combine(folder, "out.parquet"), Schema, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(texts.Count, table.Sum(b => b.Rows));
        var (ids, weights) = (table.SelectMany(b => (long[][])b.Values[1]).ToList(), table.SelectMany(b => (float[][])b.Values[2]).ToList());
        var (counts, vectors) = (table.SelectMany(b => (long[])b.Values[3]).ToList(), table.SelectMany(b => (float[][])b.Values[4]).ToList());
        for (var i = 0; i < texts.Count; i++)
        {
            Assert.Equal(expected[i].Sparse!, ids[i].Zip(weights[i]).Select(p => ((int)p.First, p.Second)));
            Assert.Equal(expected[i].MultiVector!.Length, counts[i]);
            Assert.Equal(expected[i].MultiVector!.SelectMany(v => v), vectors[i]);
        }
    }

    [Theory]
    [InlineData("dense,colbert", 2, "names 'colbert'")]
    [InlineData("sparse", 1, "sparse_linear")]
    public async Task Encode_SaysWhatIsMissing_AndLeavesNoOutput(string heads, int code, string expected)
    {
        Texts();

        var answer = await WorkflowProcess.RunAsync(folder, "encode", "--model", Shared("golden/xlmr-mini"), "--input", "texts.jsonl", "--output", "out.jsonl", "--heads", heads);

        Assert.Equal(code, answer.ExitCode);
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder, "out*"));
    }

    static float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetSingle())];

    static string Shared(string name)
    {
        var path = RepositoryFiles.Shared is { } shared ? Path.Combine(shared, name) : "";
        Assert.SkipUnless(Path.Exists(path), $"The golden files are not here (shared/{name}; WORKFLOW_SHARED names another place).");
        return path;
    }

    List<string> Texts()
    {
        var lines = File.ReadAllLines(Shared("golden/xlmr-mini.inputs.jsonl")).Take(40).ToList();
        File.WriteAllLines(Path.Combine(folder, "texts.jsonl"), lines);
        return [.. lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("text").GetString()!)];
    }

    string Model(bool pickled)
    {
        var (source, model) = (Shared("golden/xlmr-mini"), Directory.CreateDirectory(Path.Combine(folder, "model")).FullName);
        foreach (var (name, path) in FileSet.FromFolder(source).Paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(model, name))!);
            File.WriteAllBytes(Path.Combine(model, name), File.ReadAllBytes(path));
        }

        using var heads = new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = true, Sparse = SparseHead.Create(64, [], 5), MultiVector = MultiVectorHead.Create(64, 24, 6) };
        (pickled ? (Action<string, RetrievalHeads>)HeadFiles.WritePickled : HeadFiles.Write)(model, heads);
        return model;
    }
}
