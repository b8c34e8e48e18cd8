using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>
/// jobs/nightly.yaml over several nights: what a night computes and what it takes over, that nothing of it shows in the bytes, and who gets the slot.
/// </summary>
public sealed class NightlyTests(SharedRuns shared) : IDisposable
{
    HomeFolder home = new();
    readonly HomeFolder fresh = new();
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("workflow-nightly-");

    static string Notes => Path.Combine(WorkflowProgram.Root, "jobs", "nightly");

    public void Dispose()
    {
        home.Dispose();
        fresh.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Nights_ComputeWhatIsNew_GiveTheBytesOfAFreshHome_AndKeepTheModelWhenTheCandidateIsWorse()
    {
        var nights = await shared.Nights;
        home.Dispose();
        home = await nights.Home.CopyAsync();
        var (first, second) = (Run(nights.Runs[0]), Run(nights.Runs[1]));
        Assert.Equal("first", await VerdictAsync(home, first));

        // The second night: one file came.
        var rows = File.ReadLines(TwoNights.Arrivals[0]).Count();
        var states = (await Sqlite3.QueryAsync(home.Path, $"SELECT node_id, state FROM node WHERE run_id='{second}'")).ToDictionary(l => l.Split('|')[0], l => l.Split('|')[1], StringComparer.Ordinal);
        string[] unchanged = ["base", "base_pairs", "vocabulary", "base_mine", "base_shards", "guide"];
        Assert.All(unchanged, stage => Assert.Equal("reused", states[stage]));
        var files = states.Where(s => s.Key.StartsWith("documents/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["succeeded"], files.Where(f => f.Key.StartsWith("documents/2026-03-02.jsonl", StringComparison.Ordinal)).Select(f => f.Value));
        Assert.Equal(["reused", "reused", "reused"], files.Where(f => !f.Key.StartsWith("documents/2026-03-02.jsonl", StringComparison.Ordinal)).Select(f => f.Value));

        var documents = await ReuseAsync(home, second, "documents");
        Assert.Equal(rows, documents.Anew);
        Assert.InRange((await ReuseAsync(home, second, "embeddings", "documents encoded anew")).Anew, 1, rows);
        Assert.Equal(documents.Total, (await ReuseAsync(home, second, "embeddings", "documents encoded anew")).Total);
        var queries = await ReuseAsync(home, second, "embeddings", "queries encoded anew");
        Assert.InRange(queries.Anew, 1, 3 * rows);
        var mined = await ReuseAsync(home, second, "mine/00000");
        Assert.Equal(queries.Total, mined.Total);
        Assert.InRange(mined.Anew, queries.Anew, mined.Total / 2);

        var why = await WorkflowProgram.RunAsync("why", second, "embeddings", "--home", home.Path);
        Assert.Contains($" of {documents.Total} documents encoded anew, ", why.Output, StringComparison.Ordinal);
        Assert.Contains($" taken from run {first}", why.Output, StringComparison.Ordinal);
        Assert.Contains($"{mined.Anew} of {mined.Total} queries mined anew, {mined.Total - mined.Anew} taken from run {first}", (await WorkflowProgram.RunAsync("why", second, "mine", "--home", home.Path)).Output, StringComparison.Ordinal);
        var logs = await WorkflowProgram.RunAsync("logs", second, "--home", home.Path);
        Assert.Contains($"{rows} new, 0 changed, 0 gone; 1 of the new and changed have the content of an older one", logs.Output, StringComparison.Ordinal);

        // The third night brings notes whose titles say the contrary of what they hold: trained on them, a model is worse.
        TwoNights.Clone(folder.FullName);
        TwoNights.Arrive(folder.FullName, 0);
        await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "jobs", "nightly", "corpus", "2026-03-03.jsonl"), Contradictions(), TestContext.Current.CancellationToken);
        var held = await SlotAsync(home);
        var third = Run(await TwoNights.RunAsync(folder.FullName, home), "keep");
        Assert.Equal("keep", await VerdictAsync(home, third));
        Assert.Equal(held, await SlotAsync(home));
        logs = await WorkflowProgram.RunAsync("logs", third, "--home", home.Path);
        Assert.Contains("slot nightly: kept the current model, the candidate is worse: ndcg@10 ", logs.Output, StringComparison.Ordinal);
        var report = Directory.GetFiles(Path.Combine(home.Path, "runs", third, "report", "report"), "report.html").Single();
        Assert.Contains("Slot nightly: kept the current model, the candidate is worse", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // A home that ran the last night alone published the same, but for who was compared with whom.
        var alone = Run(await TwoNights.RunAsync(folder.FullName, fresh));
        var (expected, found) = (await TinyRun.ArtifactsOfAsync(fresh.Path, alone), await TinyRun.ArtifactsOfAsync(home.Path, third));
        Assert.True(expected.Remove("decision.decision") && found.Remove("decision.decision"));
        Assert.Equal(expected, found);
        Assert.Empty(home.TornFiles());

        await StepBackAsync(third);
    }

    async Task StepBackAsync(string run)
    {
        var model = (await TinyRun.ArtifactsOfAsync(home.Path, run))["train.model"];
        var set = await WorkflowProgram.RunAsync("slots", "set", "nightly", model[..16], "--reason", "the notes were meant so", "--home", home.Path);
        Assert.True(set.ExitCode == 0, set.Errors);
        var slots = await WorkflowProgram.RunAsync("slots", "--home", home.Path, "--json");
        Assert.Equal(model, (string)slots.Json[0]!["model"]!);
        var history = (await WorkflowProgram.RunAsync("slots", "show", "nightly", "--home", home.Path, "--json")).Json.AsArray();
        Assert.Equal("the notes were meant so", (string)history[0]!["reason"]!);
        Assert.Equal("the first model in the slot", (string)history[^1]!["reason"]!);
        Assert.Equal(["slot.set|nightly|the notes were meant so"], await Sqlite3.QueryAsync(home.Path, "SELECT action, target, reason FROM audit WHERE action='slot.set'"));
        var output = Path.Combine(folder.FullName, "vectors.jsonl");
        var input = Path.Combine(folder.FullName, "texts.jsonl");
        await File.WriteAllTextAsync(input, """{"id":"a","text":"Repotting a fig tree"}""" + "\n", TestContext.Current.CancellationToken);
        var encode = await WorkflowProgram.RunAsync("encode", "--model", "slot:nightly", "--input", input, "--output", output, "--home", home.Path);
        Assert.True(encode.ExitCode == 0, encode.Errors);
        Assert.Equal("a", (string)JsonNode.Parse(await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken))!["id"]!);
        Assert.Equal(2, (await WorkflowProgram.RunAsync("slots", "show", "none", "--home", home.Path)).ExitCode);
    }

    /// <summary>Every note again under the title of the note 37 further on, three times in other words.</summary>
    static IEnumerable<string> Contradictions()
    {
        var notes = Directory.GetFiles(Path.Combine(Notes, "corpus", "base"), "*.jsonl").Order(StringComparer.Ordinal).SelectMany(File.ReadLines).Select(l => JsonNode.Parse(l)!).ToList();
        for (var copy = 1; copy <= 3; copy++)
        {
            for (var i = 0; i < notes.Count; i++)
            {
                yield return new JsonObject
                {
                    ["id"] = string.Create(CultureInfo.InvariantCulture, $"x{copy}-{i:d4}"),
                    ["title"] = $"{(string)notes[(i + (37 * copy)) % notes.Count]["title"]!}, note {copy}",
                    ["content"] = $"{(string)notes[i]["content"]!} This is note {copy}.",
                }.ToJsonString();
            }
        }
    }

    // Its id, once it has said what became of the slot.
    static string Run(CommandResult run, string? verdict = null)
    {
        Assert.True(verdict is null || verdict == (string)run.Json["slots"]!["nightly"]!["verdict"]!, run.Output);
        Assert.Contains($"Slot nightly: {(string)run.Json["slots"]!["nightly"]!["reason"]!}.", run.Errors, StringComparison.Ordinal);
        return (string)run.Json["run"]!;
    }

    static async Task<string> VerdictAsync(HomeFolder target, string run) => (await Sqlite3.QueryAsync(target.Path,
        $"SELECT json_extract(a.meta_json, '$.verdict') FROM artifact a JOIN edge e USING(artifact_id) JOIN attempt t USING(attempt_id) WHERE t.run_id='{run}' AND a.kind='decision' AND e.dir='out'")).Single();

    static async Task<string> SlotAsync(HomeFolder target) => (await Sqlite3.QueryAsync(target.Path, "SELECT seq, artifact_id FROM model_slot WHERE name='nightly' ORDER BY seq DESC LIMIT 1")).Single();

    static async Task<(long Total, long Anew)> ReuseAsync(HomeFolder target, string run, string node, string? words = null)
    {
        var line = (await Sqlite3.QueryAsync(target.Path,
            $"SELECT u.total, u.anew FROM attempt_reuse u JOIN attempt t USING(attempt_id) WHERE t.run_id='{run}' AND t.node_id='{node}' AND t.state='committed' AND ('{words}'='' OR u.words='{words}')")).Single().Split('|');
        return (long.Parse(line[0], CultureInfo.InvariantCulture), long.Parse(line[1], CultureInfo.InvariantCulture));
    }
}
