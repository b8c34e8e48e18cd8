using Bench;

// dotnet run -c Release --project bench -- ledger [rounds|claims|dispatch] [--NAME VALUE ...]
// dotnet run -c Release --project bench -- tokenizers [wordpiece|unigram|bpe] [--rounds N] [--step N] [--size N] [--data FOLDER]
// dotnet run -c Release --project bench -- encoders [train|encode] [--corpora NAME,LENGTH] [--dropout P,P] [--precision fp32|bf16] [--rounds N] [--steps N] [--texts N] [--data FOLDER]
// dotnet run -c Release --project bench -- gradcache [memory|8192] [--rounds N] [--batch N] [--length N] [--mini-batch N] [--precision fp32|bf16] [--shares S,S]
// dotnet run -c Release --project bench -- dashboard [generate|pages] [--home FOLDER] [--attempts N] [--partitions N] [--points N] [--seed N] [--rounds N]
// dotnet run -c Release --project bench -- checkpoint stall [--rounds N] [--home FOLDER]
// dotnet run -c Release --project bench -- gradcache [memory|8192] [--rounds N] [--batch N] [--length N] [--mini-batch N] [--precision fp32|bf16] [--shares S,S]
var subjects = new Dictionary<string, Func<Arguments, Task>>(StringComparer.Ordinal)
{
    ["ledger rounds"] = Rounds.RunAsync,
    ["ledger claims"] = ClaimCost.RunAsync,
    ["ledger dispatch"] = DispatchLatency.RunAsync,
    ["tokenizers wordpiece"] = Tokenizers.WordPieceAsync,
    ["tokenizers bpe"] = Tokenizers.BpeAsync,
    ["encoders train"] = Encoders.TrainAsync,
    ["encoders encode"] = Encoders.EncodeAsync,
    ["dashboard generate"] = DashboardBench.GenerateAsync,
    ["dashboard pages"] = DashboardPages.RunAsync,
    ["checkpoint stall"] = CheckpointStall.RunAsync,
    ["tokenizers unigram"] = Tokenizers.UnigramAsync,
    ["gradcache memory"] = GradCacheBench.MemoryAsync,
    ["gradcache 8192"] = GradCacheBench.LargeAsync,
    ["worker gradcache"] = GradCacheBench.WorkAsync,
};
var words = args.TakeWhile(a => !a.StartsWith('-')).ToList();
var chosen = subjects.Where(s => s.Key == string.Join(' ', words) || (words.Count > 0 && s.Key.StartsWith(string.Join(' ', words) + " ", StringComparison.Ordinal))).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"usage: bench {string.Join(" | ", subjects.Keys)} | ledger  [--home FOLDER] [--repeats N] [--seconds N] [--callers K,K] [--nodes N,N]");
    return 2;
}

Directory.CreateDirectory(new Arguments(args).Text("home", Path.GetTempPath()));
Console.WriteLine(Machine.Describe(new Arguments(args).Text("home", Path.GetTempPath())));
foreach (var (name, run) in chosen)
{
    Console.WriteLine($"\n{name}");
    await run(new Arguments(args));
}

return 0;
