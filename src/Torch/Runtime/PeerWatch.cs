namespace TorchSharp;

/// <summary>
/// Signs of life of a group's ranks in the store, from which is told who was lost when an operation fails: libtorch itself names an address at best. Every rank counts up a key of its own on a
/// thread of its own, also while it computes; a rank whose operation fails says so, and then looks who says nothing.
/// </summary>
sealed class PeerWatch : IDisposable
{
    readonly RendezvousStore _store;
    readonly ProcessGroupOptions _options;
    readonly Thread _thread;
    readonly ManualResetEventSlim _stop = new();
    volatile string? _verdict;
    volatile int[] _verdictRanks = [];
    int _lost;
    bool _told;

    public PeerWatch(RendezvousStore store, ProcessGroupOptions options)
    {
        (_store, _options) = (store, options);
        _thread = new Thread(Beat) { IsBackground = true, Name = "process group: signs of life" };
        _thread.Start();
    }

    TimeSpan Interval => _options.Silence / 10;

    /// <summary>Leaves word why this rank ends, for the others to name.</summary>
    public void Tell(string reason)
    {
        _told = true;
        Quietly(() => _store.Set($"ended/{_options.Rank}", reason));
    }

    /// <summary>Finds out why an operation failed.</summary>
    /// <param name="release">Closes this rank's connections, after it has said that it failed: ranks that wait for it then fail at once, not at their timeout.</param>
    /// <returns>Ranks without a sign of life, and what is known in words; empty words where all ranks live and none said why.</returns>
    public (int[] Lost, string Words) Diagnose(Action release)
    {
        try
        {
            _told = true;
            _store.Set($"failed/{_options.Rank}", "");
            release();
            var (lost, words) = Look();
            if (words.Length > 0 && _verdict is null)
            {
                _store.Set("verdict", string.Join(",", lost) + "|" + words);
            }

            _lost = lost.Length;
            return (lost, words);
        }
        catch (ProcessGroupException) when (_verdict is { } known)
        {
            return (_verdictRanks, known);
        }
        catch (ProcessGroupException)
        {
            release();
            return _options.RankZeroServes && _options.Rank != 0
                ? ([0], "rank 0 was lost or has ended: its store does not answer")
                : ([], $"the store at {_options.Host}:{_options.Port} does not answer, so who was lost is not known");
        }
    }

    /// <summary>Says that this rank needs the store no more; the one that serves it waits until all living ranks have said so, for the others may still want to know who was lost.</summary>
    public void Leave() => Quietly(() =>
    {
        if (!_told)
        {
            _store.Set($"ended/{_options.Rank}", "it had done its work and left the group");
        }

        _store.Add("left", 1);
        Wait(() => !Serves || _store.Add("left", 0) >= _options.WorldSize - _lost);
    });

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    bool Serves => _options.RankZeroServes && _options.Rank == 0;

    (int[] Lost, string Words) Look()
    {
        var peers = Enumerable.Range(0, _options.WorldSize).Where(r => r != _options.Rank).ToList();
        var first = peers.ToDictionary(p => p, p => _store.Add($"beat/{p}", 0));
        var silent = new HashSet<int>(peers);
        Wait(() =>
        {
            silent.RemoveWhere(p => _store.Contains($"failed/{p}") || _store.Contains($"ended/{p}") || _store.Add($"beat/{p}", 0) > first[p]);
            return silent.Count == 0 || _verdict is not null;
        });
        if (_verdict is { } known)
        {
            return (_verdictRanks, known);
        }

        var ended = peers.Select(p => _store.TryGetText($"ended/{p}") is { } why ? $"rank {p} ended: {why}" : null).OfType<string>();
        var lost = silent.Order().ToArray();
        var words = lost.Length == 0 ? "" : $"{(lost.Length == 1 ? $"rank {lost[0]} was" : $"ranks {string.Join(", ", lost)} were")} lost: no sign of life for {_options.Silence.TotalSeconds:0.#} s";
        return (lost, string.Join("; ", ended.Append(words).Where(w => w.Length > 0)));
    }

    void Wait(Func<bool> done)
    {
        for (var left = _options.Silence; !done() && left > TimeSpan.Zero; left -= Interval / 2)
        {
            _stop.Wait(Interval / 2);
        }
    }

    void Beat()
    {
        do
        {
            Quietly(() =>
            {
                _store.Add($"beat/{_options.Rank}", 1);
                if (_verdict is null && _store.TryGetText("verdict") is { } text)
                {
                    var bar = text.IndexOf('|', StringComparison.Ordinal);
                    _verdictRanks = [.. text[..bar].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(r => int.Parse(r, System.Globalization.CultureInfo.InvariantCulture))];
                    _verdict = text[(bar + 1)..];
                }
            });
        }
        while (!_stop.Wait(Interval));
    }

    // A store that is gone is noticed by the operation that fails for it.
    static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (ProcessGroupException)
        {
        }
    }
}
