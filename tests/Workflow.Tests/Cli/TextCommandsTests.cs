using System.Text.Json;
using Trainer;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>tokenize and encode against Hugging Face's ids of real texts.</summary>
public sealed class TextCommandsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("workflow-texts-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static string Golden(string name)
    {
        var path = RepositoryFiles.Shared is { } shared ? Path.Combine(shared, "golden", name) : "";
        Assert.SkipUnless(Path.Exists(path), $"The golden files are not here (shared/golden/{name}; WORKFLOW_SHARED names another place).");
        return path;
    }

    static List<JsonElement> Rows(string file) => [.. File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement)];

    static IEnumerable<int> Ids(JsonElement row) => row.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32());

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public async Task Tokenize_WritesHuggingFacesIds_RowByRow(string name)
    {
        var (model, input, expected) = (Golden(name), Golden($"{name}.inputs.jsonl"), Rows(Golden($"{name}.tokens.jsonl")));

        var answer = await WorkflowProcess.RunAsync(folder, "tokenize", "--model", model, "--input", input, "--output", "out/ids.jsonl", "--json");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        Assert.Equal(expected.Count, JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("rows").GetInt32());
        var rows = Rows(Path.Combine(folder, "out/ids.jsonl"));
        Assert.Equal(expected.Select(e => e.GetProperty("id").GetString()), rows.Select(r => r.GetProperty("id").GetString()));
        Assert.All(expected.Zip(rows), pair => Assert.Equal(Ids(pair.First), Ids(pair.Second)));
    }

    [Theory]
    [InlineData("bert-mini", "cls", "jsonl")]
    [InlineData("xlmr-mini", "cls_normalized", "jsonl")]
    public async Task Encode_WritesHuggingFacesEmbeddings_OfATransformersFolder(string name, string kind, string ending)
    {
        var (model, input, expected) = (Golden(name), Golden($"{name}.inputs.jsonl"), Rows(Golden($"{name}.embeddings.jsonl")));

        var answer = await WorkflowProcess.RunAsync(folder, "encode", "--model", model, "--input", input, "--output", $"vectors.{ending}");

        Assert.Equal((0, $"Not used of {model}: pooler.dense.bias, pooler.dense.weight.\n"), (answer.ExitCode, answer.Error));
        var rows = Rows(Path.Combine(folder, $"vectors.{ending}"));
        Assert.Equal(expected.Select(e => e.GetProperty("id").GetString()), rows.Select(r => r.GetProperty("id").GetString()));
        Assert.All(expected.Zip(rows), pair => Assert.All(
            pair.First.GetProperty(kind).EnumerateArray().Zip(pair.Second.GetProperty("embedding").EnumerateArray()), v => Assert.Equal(v.First.GetDouble(), v.Second.GetDouble(), 1e-5)));
    }

    [Fact]
    public async Task Encode_WritesTheWeightedMeanOfTokenRows()
    {
        var (input, tokens) = (Golden("bert-mini.inputs.jsonl"), Rows(Golden("bert-mini.tokens.jsonl")));
        var model = SaveModel();

        var answer = await WorkflowProcess.RunAsync(folder, "encode", "--model", model, "--input", input, "--output", "vectors.jsonl", "--role", "passage");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        var rows = Rows(Path.Combine(folder, "vectors.jsonl"));
        Assert.Equal(tokens.Count, rows.Count);
        Assert.All(tokens.Zip(rows).Where(p => p.First.GetProperty("full_length").GetInt32() <= 64), pair =>
        {
            var found = pair.Second.GetProperty("embedding").EnumerateArray().Select(v => v.GetDouble()).ToArray();
            var expected = Expected([.. Ids(pair.First)]);
            Assert.Equal(expected[0], found[0], 5e-6);
            Assert.Equal(expected[1], found[1], 5e-6);
        });
    }

    [Fact]
    public async Task Encode_PutsThePromptBeforeTheText_OnlyWithARole()
    {
        var model = SaveModel();
        File.WriteAllText(Path.Combine(folder, "bare.jsonl"), """{"id":1,"text":"the wings of birds"}""" + "\n");
        File.WriteAllText(Path.Combine(folder, "prompted.jsonl"), """{"id":1,"text":"find: the wings of birds"}""" + "\n");

        foreach (var (input, role, output) in new[] { ("bare.jsonl", "query", "a.jsonl"), ("prompted.jsonl", null, "b.jsonl"), ("bare.jsonl", null, "c.jsonl") })
        {
            string[] arguments = ["encode", "--model", model, "--input", input, "--output", output];
            Assert.Equal(0, (await WorkflowProcess.RunAsync(folder, role is null ? arguments : [.. arguments, "--role", role])).ExitCode);
        }

        string Text(string name) => File.ReadAllText(Path.Combine(folder, name));
        Assert.Equal(Text("b.jsonl"), Text("a.jsonl"));
        Assert.NotEqual(Text("b.jsonl"), Text("c.jsonl"));
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"text\":\"x\"}\nnot json\n", "rows.jsonl:2: found a line that is not JSON")]
    [InlineData("{\"id\":\"a\"}\n", "rows.jsonl:1: found a row without \"id\" and \"text\"")]
    [InlineData(null, "There is no file")]
    public async Task Tokenize_NamesTheLineAndLeavesNoOutput_WhenTheInputIsBad(string? text, string expected)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(folder, "rows.jsonl"), text);
        }

        var answer = await WorkflowProcess.RunAsync(folder, "tokenize", "--model", Golden("bert-mini"), "--input", "rows.jsonl", "--output", "out.jsonl");

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(expected, answer.Error);
        Assert.DoesNotContain("bug", answer.Error);
        Assert.Empty(Directory.GetFiles(folder, "out*"));
    }

    [Fact]
    public async Task Doctor_TellsVersionsAndSpeed()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "doctor", "--json");

        var facts = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal(JsonValueKind.Array, facts.GetProperty("warnings").ValueKind);
        Assert.Matches(@"^3\.\d+", facts.GetProperty("sqlite").GetString());
        if (facts.TryGetProperty("libtorch", out _))
        {
            Assert.Equal(0, answer.ExitCode);
            Assert.True(facts.GetProperty("matmul_gflops").GetDouble() > 0);
            Assert.Contains("cpu", facts.GetProperty("devices").EnumerateArray().Select(d => d.GetString()));
        }
        else
        {
            Assert.Equal(1, answer.ExitCode);
        }
    }

    /// <summary>A static model over the golden vocabulary whose row of token i is (cos i, sin i) and whose log-weight is i mod 3 / 2.</summary>
    string SaveModel()
    {
        const int vocabulary = 3000;
        var model = Path.Combine(folder, "model");
        var table = Enumerable.Range(0, vocabulary).SelectMany(i => new[] { (float)Math.Cos(i), (float)Math.Sin(i) }).ToArray();
        var weights = Enumerable.Range(0, vocabulary).Select(i => i % 3 / 2f).ToArray();
        var config = new ModelConfig { ModelType = "static", Dimensions = 2, VocabularySize = vocabulary, Pooling = "weighted_mean", Normalize = true, QueryLength = 64, PassageLength = 64, QueryPrompt = "find: " };
        ModelFolder.Save(model, config, [SafetensorsTensor.Floats(StaticEncoder.Table, [vocabulary, 2], table), SafetensorsTensor.Floats(StaticEncoder.TokenWeights, [vocabulary], weights)], FileSet.FromFolder(Golden("bert-mini")));
        return model;
    }

    /// <summary>The same in double precision, over the ids without [CLS] and [SEP].</summary>
    static double[] Expected(int[] ids)
    {
        var (x, y) = (0.0, 0.0);
        foreach (var id in ids[1..^1])
        {
            x += Math.Exp(id % 3 / 2.0) * Math.Cos(id);
            y += Math.Exp(id % 3 / 2.0) * Math.Sin(id);
        }

        var length = Math.Max(Math.Sqrt((x * x) + (y * y)), 1e-12);
        return [x / length, y / length];
    }
}
